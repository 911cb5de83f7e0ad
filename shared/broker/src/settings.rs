//! What has to be known to talk to a broker.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Where the broker is: `amqp://user:password@host:port/vhost`, or `amqps://` for TLS. Shown without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl(String);

impl BrokerUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The virtual host.
    #[must_use]
    pub fn vhost(&self) -> String {
        self.0.parse::<lapin::uri::AMQPUri>().map_or_else(|_| "/".to_owned(), |uri| uri.vhost)
    }
}

impl FromStr for BrokerUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        url.parse::<lapin::uri::AMQPUri>().map(|_| Self(url.to_owned()))
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else { return f.write_str("amqp://***") };
        match rest.rsplit_once('@') {
            Some((user, host)) => {
                let user = user.split_once(':').map_or(user, |(user, _)| user);
                write!(f, "{scheme}://{user}:***@{host}")
            }
            None => f.write_str(&self.0),
        }
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Everything a process has to know of the broker.
#[derive(Clone, Debug)]
pub struct BrokerSettings {
    /// Where it is.
    pub url: BrokerUrl,
    /// Certificates (PEM) that the broker's is checked against, beside the well-known ones.
    pub certificates: Option<String>,
    /// What every name on it begins with.
    pub prefix: String,
    /// What the connections are called there.
    pub name: String,
    /// How many runs are in flight at a time; the broker hands out no more.
    pub prefetch: u16,
    /// How long a message waits before it is tried again, ascending: one retry queue each.
    pub delays: Vec<Duration>,
    /// How often a message that takes its worker down is delivered again before it is a suspect.
    pub delivery_limit: u32,
    /// How long the broker is waited for, whatever it is asked.
    pub patience: Duration,
    /// How long a run may take in one stage; below half the broker's acknowledgement timeout.
    pub run_deadline: Duration,
    /// How long runs in flight are waited for when the process is to stop.
    pub grace: Duration,
    /// How often it is looked whether messages are ready and none arrives.
    pub watch_every: Duration,
    /// Classic queues in place of quorum queues: for comparisons, as they keep no copies and catch no crash loops.
    pub classic_queues: bool,
}

impl BrokerSettings {
    /// The usual settings for a broker.
    #[must_use]
    pub fn usual(url: BrokerUrl) -> Self {
        Self {
            url,
            certificates: None,
            prefix: "rolemill".to_owned(),
            name: "rolemill".to_owned(),
            prefetch: 32,
            delays: [5, 30, 5 * 60, 30 * 60].map(Duration::from_secs).to_vec(),
            delivery_limit: 8,
            patience: Duration::from_secs(20),
            run_deadline: Duration::from_secs(10 * 60),
            grace: Duration::from_secs(25),
            watch_every: Duration::from_secs(30),
            classic_queues: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let url: BrokerUrl = "amqps://pipe:p%40ss@mq.example:5671/jobs".parse().unwrap();
        assert_eq!(
            format!("{url} {url:?}"),
            "amqps://pipe:***@mq.example:5671/jobs amqps://pipe:***@mq.example:5671/jobs"
        );
        assert!("http://mq".parse::<BrokerUrl>().is_err());
    }

    #[test]
    fn the_usual_virtual_host_is_a_slash() {
        let vhost = |url: &str| url.parse::<BrokerUrl>().unwrap().vhost();
        assert_eq!((vhost("amqp://mq"), vhost("amqp://mq/jobs")), ("/".to_owned(), "jobs".to_owned()));
        assert_eq!(vhost("amqp://mq/%2F"), "/");
    }
}
