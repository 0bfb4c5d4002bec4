//! Where nobody tells of the network: another way out is looked for.
//!
//! A UDP socket that is connected sends nothing; the system only looks up the way, and says from which address it would
//! go. Another address is another network. That there is no way out is *not* told as the loss of the network: a server
//! in the same building may be reached without one, and nobody must be unguarded for it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

#[cfg(not(target_os = "linux"))]
use std::time::Duration;

#[cfg(not(target_os = "linux"))]
use tokio::sync::mpsc;

#[cfg(not(target_os = "linux"))]
use crate::{Network, Options, Trust, telling::Report};

/// Between two looks: a connection shall be live within 3 s of the network.
#[cfg(not(target_os = "linux"))]
const EVERY: Duration = Duration::from_secs(2);

/// Addresses that exist in documents only.
const ELSEWHERE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// The addresses from which the machine would go out, IPv4 and IPv6.
type WaysOut = [Option<IpAddr>; 2];

/// Looks again and again.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn ask(options: Options, reports: mpsc::Sender<Report>) {
    if options.network == Trust::Nobody {
        return;
    }
    let mut known = ways_out();
    let mut look = tokio::time::interval(EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let report = is_another(&mut known, ways_out()).then_some(Report::Network(Network::Up));
        if let Some(report) = report
            && reports.send(report).await.is_err()
        {
            return;
        }
    }
}

/// Whether these are other ways than those known so far, of which at least one leads somewhere.
fn is_another(known: &mut WaysOut, now: WaysOut) -> bool {
    let another = std::mem::replace(known, now) != now;
    another && now.iter().any(Option::is_some)
}

fn ways_out() -> WaysOut {
    ELSEWHERE.map(|elsewhere| way_to(elsewhere).ok())
}

fn way_to(elsewhere: IpAddr) -> std::io::Result<IpAddr> {
    let any = match elsewhere {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0))?;
    // The port of "discard": nothing is sent there either.
    socket.connect((elsewhere, 9))?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(last: u8) -> WaysOut {
        [Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))), None]
    }

    #[test]
    fn another_way_out_is_another_network_and_none_is_no_news() {
        let mut known = from(1);
        for (now, expected) in [
            (from(1), false),
            (from(2), true),
            ([None, None], false),
            ([None, None], false),
            (from(2), true),
        ] {
            assert_eq!(is_another(&mut known, now), expected, "{now:?}");
        }
    }

    #[test]
    fn the_way_to_oneself_is_known() {
        let home = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(way_to(home).unwrap(), home);
        // Whatever it is, asking takes no time and sends nothing.
        assert_eq!(ways_out(), ways_out());
    }
}
