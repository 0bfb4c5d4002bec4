/// What can be pledged in the demo market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Weth,
    Wbtc,
    WstEth,
    REth,
    Arb,
    Pol,
    Link,
    Uni,
}

/// How a token is named, written, lent against and priced.
#[derive(Debug)]
pub(super) struct TokenFacts {
    pub(super) symbol: &'static str,
    /// Digits after the point in an amount; fewer than on chain, as platforms show them.
    pub(super) digits: usize,
    /// Percent of its value that may be borrowed.
    pub(super) max_ltv: f64,
    /// Percent of its value at which a vault may be liquidated.
    pub(super) threshold: f64,
    /// Dollars around which the demo market moves.
    pub(super) anchor: f64,
    /// How strongly it follows the market.
    pub(super) beta: f64,
    /// Its own movement, as a multiple of the market's.
    pub(super) own: f64,
}

impl Token {
    pub(super) const ALL: [Self; 8] = [
        Self::Weth,
        Self::Wbtc,
        Self::WstEth,
        Self::REth,
        Self::Arb,
        Self::Pol,
        Self::Link,
        Self::Uni,
    ];
    pub(super) const COUNT: usize = Self::ALL.len();

    pub(crate) fn named(symbol: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|token| token.facts().symbol == symbol)
    }

    pub(super) fn facts(self) -> &'static TokenFacts {
        match self {
            Self::Weth => const { &facts("WETH", 6, 80.0, 82.5, 3_120.0, 1.0, 0.35) },
            Self::Wbtc => const { &facts("WBTC", 8, 73.0, 78.0, 97_400.0, 0.75, 0.3) },
            // Own movement of the staked ones is that of their discount to ETH, not a price of its own.
            Self::WstEth => const { &facts("wstETH", 6, 78.5, 81.0, 1.2143, 1.0, 0.02) },
            Self::REth => const { &facts("rETH", 6, 74.5, 77.0, 1.1492, 1.0, 0.03) },
            Self::Arb => const { &facts("ARB", 2, 58.0, 63.0, 0.4134, 1.3, 0.7) },
            Self::Pol => const { &facts("POL", 2, 63.0, 68.0, 0.2387, 1.25, 0.65) },
            Self::Link => const { &facts("LINK", 4, 68.0, 75.0, 16.92, 1.15, 0.55) },
            Self::Uni => const { &facts("UNI", 3, 65.0, 72.0, 7.83, 1.2, 0.6) },
        }
    }

    /// The token whose price, times the anchor as an exchange rate, is this one's.
    pub(super) fn follows(self) -> Option<Self> {
        matches!(self, Self::WstEth | Self::REth).then_some(Self::Weth)
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }
}

const fn facts(
    symbol: &'static str,
    digits: usize,
    max_ltv: f64,
    threshold: f64,
    anchor: f64,
    beta: f64,
    own: f64,
) -> TokenFacts {
    TokenFacts { symbol, digits, max_ltv, threshold, anchor, beta, own }
}

/// What is borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stable {
    Usdc,
    Usdt,
    Dai,
}

impl Stable {
    pub(super) const ALL: [Self; 3] = [Self::Usdc, Self::Usdt, Self::Dai];

    pub(crate) fn named(symbol: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stable| stable.symbol() == symbol)
    }

    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Usdc => "USDC",
            Self::Usdt => "USDT",
            Self::Dai => "DAI",
        }
    }
}

/// What has a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quoted {
    Token(Token),
    Stable(Stable),
}

impl Quoted {
    pub(crate) fn named(symbol: &str) -> Option<Self> {
        let stable = || Stable::named(symbol).map(Self::Stable);
        Token::named(symbol).map(Self::Token).or_else(stable)
    }

    /// Dollars it usually costs.
    pub(super) fn usual_usd(self) -> f64 {
        match self {
            Self::Token(token) => {
                let anchor = token.facts().anchor;
                token.follows().map_or(anchor, |leader| leader.facts().anchor * anchor)
            }
            Self::Stable(_) => 1.0,
        }
    }

    /// All names, to choose from.
    pub(crate) fn names() -> String {
        let tokens = Token::ALL.map(|token| token.facts().symbol);
        let stables = Stable::ALL.map(Stable::symbol);
        tokens.into_iter().chain(stables).collect::<Vec<_>>().join(", ")
    }
}

/// Where a vault lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chain {
    Ethereum,
    Arbitrum,
    Polygon,
}

impl Chain {
    pub(super) const ALL: [Self; 3] = [Self::Ethereum, Self::Arbitrum, Self::Polygon];

    pub(crate) fn with_id(id: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.id() == id)
    }

    pub(super) fn id(self) -> u32 {
        match self {
            Self::Ethereum => 1,
            Self::Arbitrum => 42_161,
            Self::Polygon => 137,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ethereum => "Ethereum",
            Self::Arbitrum => "Arbitrum",
            Self::Polygon => "Polygon",
        }
    }

    /// What the ids of its vaults begin with.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Ethereum => "ETH",
            Self::Arbitrum => "ARB",
            Self::Polygon => "POL",
        }
    }

    /// What is pledged here, the more usual the more often.
    pub(super) fn tokens(self) -> &'static [Token] {
        use Token::{Arb, Link, Pol, REth, Uni, Wbtc, Weth, WstEth};
        match self {
            Self::Ethereum => &[Weth, Weth, Weth, Wbtc, Wbtc, WstEth, WstEth, REth, Link, Uni],
            Self::Arbitrum => &[Weth, Weth, Wbtc, WstEth, Arb, Arb, Link],
            Self::Polygon => &[Weth, Weth, Wbtc, Pol, Pol, Link],
        }
    }
}
