//! Where may be posted to: addresses of the public internet, and others only where that is allowed.
//!
//! A name is resolved here, every address that it has is looked at, and the connection goes to one of those: a name that has
//! another address a moment later is of no use to whoever wants to reach what is behind the firewall.

use futures::FutureExt as _;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;

/// Why nothing is posted somewhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// It is in a private network, or in none.
    #[error("{0} is no public address; ROLEMILL_WEBHOOKS_PRIVATE=allow allows it")]
    Private(IpAddr),
    /// Whoever is on the way could read it.
    #[error("only https is posted to; ROLEMILL_WEBHOOKS_PRIVATE=allow allows http")]
    Plain,
    /// Nothing can be posted there.
    #[error("it is no address that can be posted to")]
    Unusable,
    /// The name has no address.
    #[error("the name {0} has no address")]
    Unknown(String),
}

/// Who may be posted to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) is_private_allowed: bool,
}

impl Rule {
    /// Reads an address, and refuses it as far as it can be without resolving a name.
    pub(super) fn read(self, url: &str) -> Result<Url, Refusal> {
        let url: Url = url.parse().map_err(|_| Refusal::Unusable)?;
        match url.scheme() {
            "https" => {}
            "http" if self.is_private_allowed => {}
            "http" => return Err(Refusal::Plain),
            _ => return Err(Refusal::Unusable),
        }
        // A host that is an address is not resolved: it is looked at here.
        let host = url.host_str().ok_or(Refusal::Unusable)?;
        if let Ok(address) = host.trim_matches(['[', ']']).parse() {
            self.look_at(address)?;
        }
        Ok(url)
    }

    fn look_at(self, address: IpAddr) -> Result<(), Refusal> {
        if self.is_private_allowed || is_public(address) { Ok(()) } else { Err(Refusal::Private(address)) }
    }

    /// The addresses of a name, if all of them may be posted to.
    fn all_of(self, name: &str, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refusal> {
        if addresses.is_empty() {
            return Err(Refusal::Unknown(name.to_owned()));
        }
        addresses.iter().try_for_each(|address| self.look_at(address.ip()))?;
        Ok(addresses)
    }
}

/// Whether an address is one of the public internet's hosts.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation();
    !is_special
        && match address.octets() {
            // This network; carriers' own; protocol assignments; benchmarks; reserved.
            [0, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [240..=255, ..] => false,
            // The former relays to IPv6.
            [192, 88, 99, _] => false,
            _ => true,
        }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // An address of IPv4 in other words, or by a translator: that one counts.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Tunnels, benchmarks, identifiers that are not routed; documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Everything else that is global is in 2000::/3: not loopback, not link-local, not unique-local, not multicast.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The addresses of a name, as they are looked up.
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Resolves names for the HTTP client, which connects to nothing else.
pub(super) struct Resolver<L> {
    rule: Rule,
    look_up: L,
}

impl Resolver<fn(String) -> Found> {
    /// One that asks the system.
    pub(super) fn of_system(rule: Rule) -> Self {
        Self {
            rule,
            look_up: |name| async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }.boxed(),
        }
    }
}

impl<L: Fn(String) -> Found + Send + Sync> Resolve for Resolver<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (rule, name) = (self.rule, name.as_str().to_owned());
        let found = (self.look_up)(name.clone());
        Box::pin(async move {
            let addresses = rule.all_of(&name, found.await?)?;
            Ok::<Addrs, _>(Box::new(addresses.into_iter()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rule = Rule { is_private_allowed: false };
    const LENIENT: Rule = Rule { is_private_allowed: true };

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[::7f00:1]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[2001:db8::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
        ] {
            let url = format!("https://{host}/hook");
            assert!(matches!(STRICT.read(&url), Err(Refusal::Private(_))), "{url}");
            assert!(LENIENT.read(&url).is_ok(), "{url}");
        }
    }

    #[test]
    fn public_addresses_are_not_refused() {
        for host in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "[2606:4700::1111]",
            "[2002:101:101::]",
            "[::ffff:1.1.1.1]",
        ] {
            assert!(STRICT.read(&format!("https://{host}/hook")).is_ok(), "{host}");
        }
    }

    #[test]
    fn what_can_be_read_on_the_way_is_refused_unless_it_may_be_private() {
        assert_eq!(STRICT.read("http://1.1.1.1/"), Err(Refusal::Plain));
        assert_eq!(STRICT.read("http://127.0.0.1/"), Err(Refusal::Plain));
        assert!(LENIENT.read("http://127.0.0.1/").is_ok());
        for url in ["ftp://1.1.1.1/", "file:///etc/passwd", "gopher://1.1.1.1/", "1.1.1.1", "https://"] {
            assert_eq!(LENIENT.read(url), Err(Refusal::Unusable), "{url}");
        }
    }

    async fn resolved(rule: Rule, addresses: &[&str]) -> Result<Vec<SocketAddr>, String> {
        let addresses: Vec<SocketAddr> =
            addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect();
        let resolver =
            Resolver { rule, look_up: move |_| futures::future::ready(Ok(addresses.clone())).boxed() };
        match resolver.resolve("hook.example".parse().unwrap()).await {
            Ok(addresses) => Ok(addresses.collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[tokio::test]
    async fn a_name_is_refused_when_any_of_its_addresses_is_private() {
        assert_eq!(resolved(STRICT, &["1.1.1.1", "2606:4700::1111"]).await.unwrap().len(), 2);
        for mixed in [["1.1.1.1", "10.0.0.1"], ["::1", "1.1.1.1"]] {
            let refused = resolved(STRICT, &mixed).await.unwrap_err();
            assert!(refused.contains("no public address"), "{refused}");
            assert_eq!(resolved(LENIENT, &mixed).await.unwrap().len(), 2);
        }
        assert!(resolved(LENIENT, &[]).await.unwrap_err().contains("has no address"));
    }

    #[tokio::test]
    async fn the_name_of_this_machine_is_private() {
        let resolver = Resolver::of_system(STRICT);
        let refused = resolver.resolve("localhost".parse().unwrap()).await.err().unwrap().to_string();
        assert!(refused.contains("no public address"), "{refused}");
    }
}
