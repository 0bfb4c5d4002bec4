//! The kernel's routes, as `/proc/net/route` and `/proc/net/ipv6_route` tell them: pure.

use std::collections::BTreeSet;

/// `RTF_REJECT`: whoever goes there is refused.
const REJECT: u32 = 0x200;
const LOOPBACK: &str = "lo";

/// Where the machine could go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Routes {
    pub(super) reach: Reach,
    /// Interface and gateway of each way into the world.
    pub(super) ways_out: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// To itself.
    Nowhere,
    /// To what is on the same link, or has a route of its own.
    Nearby,
    /// There is a default route.
    Anywhere,
}

impl Routes {
    /// Lines that cannot be read are passed over.
    pub(super) fn read(ipv4: &str, ipv6: &str) -> Self {
        let routes = ipv4.lines().filter_map(of_ipv4).chain(ipv6.lines().filter_map(of_ipv6));
        let mut all = Self { reach: Reach::Nowhere, ways_out: BTreeSet::new() };
        for route in routes {
            match route {
                Route::Default(way) => {
                    all.ways_out.insert(way);
                }
                Route::Other => all.reach = Reach::Nearby,
            }
        }
        if !all.ways_out.is_empty() {
            all.reach = Reach::Anywhere;
        }
        all
    }
}

enum Route {
    Default(String),
    Other,
}

/// `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, the numbers in hexadecimal.
fn of_ipv4(line: &str) -> Option<Route> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [interface, destination, gateway, flags, _, _, _, mask, ..] = fields[..] else {
        return None;
    };
    let number = |text| u32::from_str_radix(text, 16).ok();
    if interface == LOOPBACK || number(flags)? & REJECT != 0 {
        return None;
    }
    Some(match (number(destination)?, number(mask)?) {
        (0, 0) => Route::Default(format!("{interface} {gateway}")),
        _ => Route::Other,
    })
}

/// `destination length source length gateway metric refcnt use flags interface`, the numbers in hexadecimal. Own
/// addresses are routes, too, and each interface that is up has one to its neighbours and one for multicast.
fn of_ipv6(line: &str) -> Option<Route> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [destination, length, _, _, gateway, _, _, _, flags, interface] = fields[..] else {
        return None;
    };
    let flags = u32::from_str_radix(flags, 16).ok()?;
    if interface == LOOPBACK || flags & REJECT != 0 {
        return None;
    }
    let is_link_local = destination.starts_with("fe80");
    let is_multicast = destination.starts_with("ff");
    match u8::from_str_radix(length, 16).ok()? {
        0 => Some(Route::Default(format!("{interface} {gateway}"))),
        128 => None,
        _ => (!is_link_local && !is_multicast).then_some(Route::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
    const DEFAULT: &str = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
    const LINK: &str = "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
    const BARRED: &str = "*\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0\n";
    /// What each interface that is up has, and the loopback.
    const BARE6: &str = "\
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo
fd000000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth0
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000003 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
";
    const LINK6: &str = "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n";
    const DEFAULT6: &str = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0\n";

    #[test]
    fn what_each_table_reaches() {
        let table = |lines: &[&str]| HEAD.to_owned() + &lines.concat();
        for (ipv4, ipv6, reach) in [
            (table(&[]), String::new(), Reach::Nowhere),
            (table(&[]), BARE6.to_owned(), Reach::Nowhere),
            (table(&[BARRED]), BARE6.to_owned(), Reach::Nowhere),
            (table(&[LINK]), BARE6.to_owned(), Reach::Nearby),
            (table(&[]), BARE6.to_owned() + LINK6, Reach::Nearby),
            (table(&[DEFAULT, LINK]), BARE6.to_owned(), Reach::Anywhere),
            (table(&[]), BARE6.to_owned() + LINK6 + DEFAULT6, Reach::Anywhere),
            ("nonsense\n\na b c d e f g h".to_owned(), "x".to_owned(), Reach::Nowhere),
        ] {
            assert_eq!(Routes::read(&ipv4, &ipv6).reach, reach, "{ipv4}{ipv6}");
        }
    }

    #[test]
    fn another_gateway_is_another_way_out() {
        let here = Routes::read(&(HEAD.to_owned() + DEFAULT), "");
        let there = Routes::read(&(HEAD.to_owned() + &DEFAULT.replace("0102", "0103")), "");
        let both = Routes::read(&(HEAD.to_owned() + DEFAULT), DEFAULT6);
        assert_eq!(here.ways_out.len(), 1);
        assert_ne!(here.ways_out, there.ways_out);
        assert_eq!(both.ways_out.len(), 2);
    }
}
