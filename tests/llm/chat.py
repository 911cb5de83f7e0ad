"""Serves a GGUF file as OpenAI's chat completions with llama.cpp's own server: chat.py FILE PORT SLOTS"""
import signal
import sys

import xllamacpp

file, port, slots = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

params = xllamacpp.CommonParams()
params.model.path = file
params.model_alias = {"smollm2"}
params.hostnames = ["127.0.0.1"]
params.port = port
params.ui = False
params.offline = True
params.use_jinja = True
# Each slot answers one request at a time, and has its share of the context.
params.n_parallel = slots
params.n_ctx = 4096 * slots
# A small model writes on for ever if it is let.
params.n_predict = 1024
# With two threads on two busy cores each waits for the other: slower than one.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
# Otherwise up to 8 GiB of former prompts are kept.
params.cache_ram_mib = 0

server = xllamacpp.Server(params)
signal.pause()
