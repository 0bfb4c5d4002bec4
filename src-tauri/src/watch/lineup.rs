//! All profiles in a row, with what each watch says of itself: pure, so that what is shown of several is tested without
//! any.

use std::sync::Arc;

use domain::Language;
use domain::view::{Colour, FeedState, Mode, NotifyScope, ProfileState, ProfileView};
use monitor::config::{Configured, ConfiguredProfile, Wanted, Written};
use monitor::together::{self, Side};
use monitor::{Alarm, Standing, TrayView};

/// The profiles in the order of the settings' file. `W` is a running watch.
#[derive(Debug)]
pub(super) struct Lineup<W> {
    places: Vec<Place<W>>,
    /// The one in the window.
    shown: String,
    /// What is said of all of them in: the lead's, as it has said last.
    language: Language,
}

/// One profile, watched or not.
#[derive(Debug)]
struct Place<W> {
    name: String,
    mode: Mode,
    colour: Colour,
    notify: NotifyScope,
    endpoint: String,
    fixed: Option<String>,
    state: State<W>,
    said: Said,
}

#[derive(Debug)]
enum State<W> {
    /// Its watch is being started.
    Coming,
    Watched(Arc<W>),
    Paused,
    Failed(String),
    Left(String),
}

/// What the watch has said last.
#[derive(Debug, Default)]
struct Said {
    tray: Option<TrayView>,
    standing: Option<Standing>,
    alarm: Alarm,
    sight: Sight,
}

/// Whether the operating system shows what a watch gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sight {
    #[default]
    Shown,
    /// Nobody can see a critical alert's notification: it is heard from the beginning.
    Unseen,
}

impl Said {
    fn heard(&self) -> Alarm {
        let Alarm { sound, attention } = self.alarm;
        Alarm { sound: sound || attention && self.sight == Sight::Unseen, attention }
    }
}

impl<W> Lineup<W> {
    /// Speaks so until one of them has said what it speaks.
    pub(super) fn speaking(language: Language) -> Self {
        Self { places: Vec::new(), shown: String::new(), language }
    }

    /// Takes over which profiles there are and what marks them. What is watched stays so until [`Lineup::set`] or
    /// [`Lineup::take`] says otherwise.
    pub(super) fn configure(&mut self, configured: &Configured) {
        let mut known = std::mem::take(&mut self.places);
        for profile in &configured.profiles {
            let at = known.iter().position(|place| place.name == profile.name());
            let place = at.map(|at| known.remove(at));
            self.places.push(Place::of(profile, place));
        }
        // A profile that is gone is there until its watch has ended.
        let ending = |place: &Place<W>| matches!(place.state, State::Watched(_));
        self.places.extend(known.into_iter().filter(ending));
        if self.place(&self.shown).is_none() {
            self.shown = self.first();
        }
    }

    /// The watch of a profile runs.
    pub(super) fn set(&mut self, name: &str, watch: Arc<W>) {
        if let Some(place) = self.place_mut(name) {
            place.state = State::Watched(watch);
        }
    }

    /// It is being started; what was said before is no news.
    pub(super) fn coming(&mut self, name: &str) {
        if let Some(place) = self.place_mut(name) {
            (place.state, place.said) = (State::Coming, Said::default());
        }
    }

    /// It cannot be watched, for this cause.
    pub(super) fn fail(&mut self, name: &str, cause: String) {
        if let Some(place) = self.place_mut(name) {
            (place.state, place.said) = (State::Failed(cause), Said::default());
        }
    }

    /// Takes the watch out, which is about to end. The profile stays, paused, until it is configured otherwise.
    pub(super) fn take(&mut self, name: &str) -> Option<Arc<W>> {
        let place = self.place_mut(name)?;
        place.said = Said::default();
        match std::mem::replace(&mut place.state, State::Paused) {
            State::Watched(watch) => Some(watch),
            other => {
                place.state = other;
                None
            }
        }
    }

    /// A profile that is configured no more, and whose watch has ended.
    pub(super) fn forget(&mut self, name: &str) {
        self.places.retain(|place| place.name != name);
        if self.shown == name {
            self.shown = self.first();
        }
    }

    pub(super) fn watch(&self, name: &str) -> Option<&Arc<W>> {
        match &self.place(name)?.state {
            State::Watched(watch) => Some(watch),
            _ => None,
        }
    }

    /// Those that run, in order.
    pub(super) fn watches(&self) -> impl Iterator<Item = (&str, &Arc<W>)> {
        self.places.iter().filter_map(|place| match &place.state {
            State::Watched(watch) => Some((place.name.as_str(), watch)),
            _ => None,
        })
    }

    /// Those that should be watched and are not.
    pub(super) fn failed(&self) -> impl Iterator<Item = &str> {
        let failed = self.places.iter().filter(|place| matches!(place.state, State::Failed(_)));
        failed.map(|place| place.name.as_str())
    }

    /// Who tells what is about all of them: the first that is watched.
    pub(super) fn lead(&self) -> Option<(&str, &Arc<W>)> {
        self.watches().next()
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Shows another one; whether that is known.
    pub(super) fn show(&mut self, name: &str) -> bool {
        let known = self.place(name).is_some();
        if known {
            name.clone_into(&mut self.shown);
        }
        known
    }

    /// A profile is called otherwise.
    pub(super) fn renamed(&mut self, from: &str, to: &str) {
        if self.shown == from {
            to.clone_into(&mut self.shown);
        }
    }

    pub(super) fn mode(&self, name: &str) -> Option<&Mode> {
        self.place(name).map(|place| &place.mode)
    }

    /// Whether a notification must say whose it is.
    pub(super) fn are_several(&self) -> bool {
        self.there().count() > 1
    }

    pub(super) fn say_tray(&mut self, name: &str, tray: &TrayView) {
        if let Some(place) = self.place_mut(name) {
            place.said.tray = Some(tray.clone());
        }
        // The others are told of another choice after the one in which it was made.
        if self.lead().is_none_or(|(lead, _)| lead == name) {
            self.language = tray.language;
        }
    }

    pub(super) fn language(&self) -> Language {
        self.language
    }

    pub(super) fn say_standing(&mut self, name: &str, standing: &Standing) {
        if let Some(place) = self.place_mut(name) {
            place.said.standing = Some(standing.clone());
        }
    }

    pub(super) fn say_alarm(&mut self, name: &str, alarm: Alarm) {
        if let Some(place) = self.place_mut(name) {
            place.said.alarm = alarm;
        }
    }

    /// What became of the notification that a watch gave last; whether that is news.
    pub(super) fn say_sight(&mut self, name: &str, sight: Sight) -> bool {
        let place = self.place_mut(name);
        place.is_some_and(|place| std::mem::replace(&mut place.said.sight, sight) != sight)
    }

    pub(super) fn alarm(&self) -> Alarm {
        together::alarm(self.places.iter().map(|place| place.said.heard()))
    }

    /// `None`: nobody has said anything yet.
    pub(super) fn tray(&self) -> Option<TrayView> {
        let states: Vec<_> = self.there().map(|place| (place, place.shown_state())).collect();
        let sides: Vec<_> = states
            .iter()
            .map(|(place, state)| Side {
                name: &place.name,
                state,
                tray: place.said.tray.as_ref(),
                standing: place.said.standing.as_ref(),
            })
            .collect();
        let said = sides.iter().any(|side| side.tray.is_some());
        let coming = self.places.iter().any(|place| matches!(place.state, State::Coming));
        (said || !coming).then(|| together::tray(self.language, &sides))
    }

    pub(super) fn views(&self) -> Vec<ProfileView> {
        self.places.iter().map(Place::view).collect()
    }

    pub(super) fn view(&self, name: &str) -> Option<ProfileView> {
        self.place(name).map(Place::view)
    }

    /// Those that this start is about.
    fn there(&self) -> impl Iterator<Item = &Place<W>> {
        self.places.iter().filter(|place| !matches!(place.state, State::Left(_)))
    }

    /// The first that is there, one that is watched before the others.
    fn first(&self) -> String {
        let watched = |place: &&Place<W>| !matches!(place.state, State::Left(_) | State::Paused);
        let first = self.places.iter().find(watched).or(self.places.first());
        first.map(|place| place.name.clone()).unwrap_or_default()
    }

    fn place(&self, name: &str) -> Option<&Place<W>> {
        self.places.iter().find(|place| place.name == name)
    }

    fn place_mut(&mut self, name: &str) -> Option<&mut Place<W>> {
        self.places.iter_mut().find(|place| place.name == name)
    }
}

impl<W> Place<W> {
    fn of(profile: &ConfiguredProfile, known: Option<Self>) -> Self {
        let (state, said) = match (known, &profile.wanted) {
            (Some(Self { state: State::Watched(watch), said, .. }), _) => {
                (State::Watched(watch), said)
            }
            (Some(Self { state: State::Failed(cause), .. }), Wanted::Watched(_)) => {
                (State::Failed(cause), Said::default())
            }
            (_, Wanted::Watched(_)) => (State::Coming, Said::default()),
            (_, Wanted::Paused) => (State::Paused, Said::default()),
            (_, Wanted::Wrong(error)) => (State::Failed(in_full(error)), Said::default()),
            (_, Wanted::Left(cause)) => (State::Left(cause.clone()), Said::default()),
        };
        let fixed = match (&profile.mode, profile.written) {
            (Mode::Demo, _) => Some("the demo is no profile".to_owned()),
            (_, Written::Nowhere) => Some("it is not in config.toml".to_owned()),
            _ => None,
        };
        Self {
            name: profile.name().to_owned(),
            mode: profile.mode.clone(),
            colour: profile.colour,
            notify: profile.notify,
            endpoint: profile.endpoint.clone(),
            fixed,
            state,
            said,
        }
    }

    fn shown_state(&self) -> ProfileState {
        match &self.state {
            State::Coming => ProfileState::Watched { feed: FeedState::Connecting { attempt: 1 } },
            State::Watched(_) => {
                let feed = self.said.standing.as_ref().map(|standing| standing.feed.clone());
                let feed = feed.unwrap_or(FeedState::Connecting { attempt: 1 });
                ProfileState::Watched { feed }
            }
            State::Paused => ProfileState::Paused,
            State::Failed(cause) => ProfileState::Failed { cause: cause.clone() },
            State::Left(cause) => ProfileState::Left { cause: cause.clone() },
        }
    }

    fn view(&self) -> ProfileView {
        let standing = self.said.standing.as_ref();
        let count = |of: fn(&Standing) -> usize| {
            standing.map(of).map_or(0, |count| u32::try_from(count).unwrap_or(u32::MAX))
        };
        let (worst, headline) = standing.and_then(|standing| standing.worst.clone()).unzip();
        ProfileView {
            name: self.name.clone(),
            mode: self.mode.clone(),
            colour: self.colour,
            notify: self.notify,
            state: self.shown_state(),
            endpoint: self.endpoint.clone(),
            vaults: count(|standing| standing.vaults),
            critical: count(|standing| standing.critical),
            unread: count(|standing| standing.unread),
            worst,
            headline,
            fixed: self.fixed.clone(),
        }
    }
}

/// The error with its causes, in one line and as far as none of it quotes the file.
fn in_full(error: &monitor::config::ConfigError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use domain::Level;
    use monitor::config::FeedArgs;
    use monitor::{Attention, TrayIcon};

    use super::*;

    const TWO: &str = "[profiles.acme]\nurl = \"wss://a.example/?key=hush\"\n[profiles.globex]\nurl = \"wss://g.example\"\ncolour = \"brown\"\n";

    fn configured(text: &str, args: FeedArgs) -> Configured {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        FeedArgs { data_dir: Some(folder.path().to_owned()), ..args }.resolve_all().unwrap()
    }

    fn lineup(text: &str) -> Lineup<()> {
        let mut lineup = Lineup::speaking(Language::English);
        lineup.configure(&configured(text, FeedArgs::default()));
        lineup
    }

    fn standing(critical: usize) -> Standing {
        Standing {
            feed: FeedState::Live,
            vaults: 3,
            critical,
            stale: 0,
            unread: 2,
            worst: (critical > 0).then(|| (Level::Critical, "A: 3 % left".to_owned())),
            blocked: None,
        }
    }

    fn tray() -> TrayView {
        TrayView {
            language: Language::English,
            icon: TrayIcon::Live,
            attention: Attention::Normal,
            title: "VaultWatch".to_owned(),
            state_line: "one's own".to_owned(),
            tooltip: String::new(),
            alerts: Vec::new(),
            profiles: Vec::new(),
        }
    }

    fn words(lineup: &Lineup<()>) -> Vec<String> {
        let views = lineup.views();
        views.iter().map(|view| format!("{} {}", view.name, view.state.word())).collect()
    }

    #[test]
    fn what_a_watch_says_is_seen_beside_its_name() {
        let mut lineup = lineup(TWO);
        assert_eq!(words(&lineup), ["acme Connecting", "globex Connecting"]);
        assert_eq!(lineup.tray(), None, "nobody has said anything");
        for name in ["acme", "globex"] {
            lineup.set(name, Arc::new(()));
            lineup.say_tray(name, &tray());
        }
        lineup.say_standing("globex", &standing(1));
        let views = lineup.views();
        assert_eq!((views[1].critical, views[1].unread), (1, 2));
        assert_eq!(views[1].worst, Some(Level::Critical));
        assert_eq!(views[1].headline.as_deref(), Some("A: 3 % left"));
        assert_eq!((views[0].colour, views[1].colour), (Colour::Teal, Colour::Brown));
        assert_eq!(views[0].endpoint, "wss://a.example/");
        assert_eq!(lineup.tray().unwrap().icon, TrayIcon::Critical { count: 1 });
        assert!(lineup.are_several());
        let loud = Alarm { sound: true, attention: true };
        lineup.say_alarm("acme", loud);
        assert_eq!(lineup.alarm(), loud);
        assert!(lineup.take("acme").is_some());
        assert_eq!(lineup.alarm(), Alarm::default(), "whoever does not watch is not heard");
    }

    #[test]
    fn of_several_it_is_said_in_the_first_ones_language() {
        let german = || TrayView { language: Language::German, ..tray() };
        let mut lineup = Lineup::<()>::speaking(Language::German);
        lineup.configure(&configured(TWO, FeedArgs::default()));
        for name in ["acme", "globex"] {
            lineup.set(name, Arc::new(()));
        }
        lineup.say_tray("globex", &tray());
        assert_eq!(lineup.tray().unwrap().state_line, "Verbindet · 2 Profile · 0 Vaults");
        lineup.say_tray("acme", &tray());
        assert_eq!(lineup.tray().unwrap().state_line, "Connecting · 2 profiles · 0 vaults");
        lineup.say_tray("acme", &german());
        assert_eq!(lineup.tray().unwrap().language, Language::German);
    }

    #[test]
    fn what_nobody_can_see_is_heard_whatever_is_seen_of_another() {
        let mut lineup = lineup(TWO);
        for name in ["acme", "globex"] {
            lineup.set(name, Arc::new(()));
        }
        let (early, loud) =
            (Alarm { sound: false, attention: true }, Alarm { sound: true, attention: true });
        assert!(lineup.say_sight("acme", Sight::Unseen));
        assert!(!lineup.say_sight("acme", Sight::Unseen), "that is known");
        assert_eq!(lineup.alarm(), Alarm::default(), "nothing is unacknowledged");
        lineup.say_alarm("globex", early);
        assert_eq!(lineup.alarm(), early, "globex's alert is on the screen");
        lineup.say_alarm("acme", early);
        assert_eq!(lineup.alarm(), loud, "acme's is not");
        lineup.say_sight("globex", Sight::Shown);
        assert_eq!(lineup.alarm(), loud, "what is seen of globex says nothing of acme");
        lineup.say_sight("acme", Sight::Shown);
        assert_eq!(lineup.alarm(), early);
        // A watch that begins anew has shown nothing yet, nor failed to.
        lineup.say_sight("acme", Sight::Unseen);
        lineup.coming("acme");
        lineup.set("acme", Arc::new(()));
        lineup.say_alarm("acme", early);
        assert_eq!(lineup.alarm(), early);
        assert!(!lineup.say_sight("nobody", Sight::Unseen));
    }

    #[test]
    fn the_window_shows_one_that_is_there() {
        let mut lineup = lineup(&TWO.replace("url = \"wss://a", "paused = true\nurl = \"wss://a"));
        assert_eq!(lineup.shown(), "globex", "the first that is watched");
        assert!(lineup.show("acme") && !lineup.show("nobody"));
        assert_eq!(lineup.shown(), "acme");
        lineup.renamed("acme", "beta");
        lineup.configure(&configured(&TWO.replace("acme", "beta"), FeedArgs::default()));
        assert_eq!(lineup.shown(), "beta");
        lineup.configure(&configured("", FeedArgs::default()));
        assert_eq!((lineup.shown(), lineup.are_several()), ("demo", false));
    }

    #[test]
    fn a_profile_that_is_gone_stays_until_its_watch_has_ended() {
        let mut lineup = lineup(TWO);
        lineup.set("acme", Arc::new(()));
        lineup.set("globex", Arc::new(()));
        lineup.show("globex");
        let one = "[profiles.acme]\nurl = \"wss://a.example\"\n";
        lineup.configure(&configured(one, FeedArgs::default()));
        assert!(lineup.watch("globex").is_some());
        assert!(lineup.take("globex").is_some() && lineup.take("globex").is_none());
        lineup.forget("globex");
        assert_eq!((words(&lineup).len(), lineup.shown()), (1, "acme"));
        assert_eq!(lineup.lead().map(|(name, _)| name), Some("acme"));
    }

    #[test]
    fn what_cannot_be_watched_says_why_and_what_was_not_asked_for_is_no_part_of_it() {
        let mut lineup = lineup(&TWO.replace("wss://g", "htp://g"));
        let view = lineup.view("globex").unwrap();
        assert_eq!(view.state.word(), "Not watched");
        assert!(!view.state.cause().unwrap().contains("hush"), "{view:?}");
        assert_eq!(lineup.failed().collect::<Vec<_>>(), ["globex"]);
        lineup.fail("acme", "the disk is full".to_owned());
        assert_eq!(lineup.failed().count(), 2);
        let acme = FeedArgs { profile: Some("acme".into()), ..FeedArgs::default() };
        let mut narrow = Lineup::<()>::speaking(Language::English);
        narrow.configure(&configured(TWO, acme));
        assert_eq!(words(&narrow), ["acme Connecting", "globex Not started"]);
        assert!(!narrow.are_several());
        narrow.set("acme", Arc::new(()));
        narrow.say_tray("acme", &tray());
        assert_eq!(narrow.tray(), Some(tray()), "as ever");
        let url = FeedArgs { url: vec!["ws://127.0.0.1:1".into()], ..FeedArgs::default() };
        let mut by_url = Lineup::<()>::speaking(Language::English);
        by_url.configure(&configured("", url));
        assert!(by_url.view("default").unwrap().fixed.is_some());
    }
}
