"""The shape of the pipeline that every framework builds."""

HOPS = 5
# Messages that a hop may hold unacknowledged.
PREFETCH = 64
# For the frameworks that work with threads: 16 a hop gave the highest rates; 8 and 32 gave less, and so did few processes
# for all hops or Celery's pools of processes and of greenlets.
THREADS = 16
