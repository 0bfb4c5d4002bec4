//! Whoever uses a keyboard or a screen reader gets to everything: axe-core finds nothing serious on any page, in either
//! theme, nor in what lies over one.

use anyhow::{Result, ensure};
use e2e::{
    Browser,
    browser::{PAGES, PLAYED},
    node,
    screenshots::Theme,
};
use serde_json::{Value, json};

/// What it looks for: both levels of WCAG 2.2 that laws ask for, and what its authors know to be in the way.
const RUN: &str = r"
    const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { resultTypes: ['violations'], runOnly: { type: 'tag', values: tags } }).then(
        (results) => done(results.violations.map((one) => ({
            rule: one.id,
            impact: one.impact,
            where: one.nodes.slice(0, 6).map((node) => node.target.join(' ') + ': ' + node.failureSummary),
        }))),
        (error) => done([{ rule: 'axe', impact: 'critical', where: [String(error)] }]),
    );
";

const WIDE: (u64, u64) = (1280, 900);
const NARROW: (u64, u64) = (360, 800);

/// What leads to something that lies over a page.
enum Step {
    Click(&'static str),
    Press(&'static str),
}

/// By name: the page below it, and the way to it.
const OVER: &[(&str, &str, &[Step])] = &[
    ("the palette", "overview", &[Step::Press("k")]),
    ("the list of keys", "overview", &[Step::Press("?")]),
    ("a view's name", "overview", &[Step::Click("views"), Step::Click("view-save")]),
    (
        "a false alarm",
        "alerts",
        &[Step::Click("notification-menu-9"), Step::Click("notification-false-alarm-9")],
    ),
    ("whether a test was seen", "settings", &[Step::Click("test-critical")]),
    ("a profile's other name", "settings", &[Step::Click("profile-rename-globex-eu")]),
    ("the end of a profile", "settings", &[Step::Click("profile-remove-globex-eu")]),
    (
        "what becomes of a rule that was changed",
        "rules",
        &[Step::Click("rule-edit-0"), Step::Click("rule-hours"), Step::Press("Escape")],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_serious_is_in_the_way_in_the_dark() -> Result<()> {
    every_page(Theme::Dark).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_serious_is_in_the_way_in_the_light() -> Result<()> {
    every_page(Theme::Light).await
}

async fn every_page(theme: Theme) -> Result<()> {
    let browser = Browser::start().await?;
    let axe = node::axe().await?;
    let mut found = Vec::new();
    for size in [WIDE, NARROW] {
        browser.open(theme, "live", "overview", size).await?;
        inject(&browser, &axe).await?;
        browser.advance(PLAYED).await?;
        for (name, page) in PAGES {
            browser.go(page).await?;
            look(&browser, &format!("{name} at {} px", size.0), &mut found).await?;
        }
    }
    ensure!(found.is_empty(), "{theme}:\n{}", found.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_serious_is_in_the_way_of_what_lies_over_a_page() -> Result<()> {
    let browser = Browser::start().await?;
    let axe = node::axe().await?;
    let mut found = Vec::new();
    for theme in [Theme::Dark, Theme::Light] {
        browser.open(theme, "storm", "overview", WIDE).await?;
        inject(&browser, &axe).await?;
        browser.advance(PLAYED).await?;
        look(&browser, &format!("a storm, {theme}"), &mut found).await?;
        for (name, opener) in [
            ("the columns", "columns"),
            ("the views", "views"),
            ("the menu of a row", "row-menu-ETH-017"),
            ("the alerts beside the page", "notification-bell"),
        ] {
            browser.click(&format!("[data-testid=\"{opener}\"]")).await?;
            look(&browser, &format!("{name}, {theme}"), &mut found).await?;
            let close = ".menu-scrim, [aria-label=\"Close the alerts\"]";
            browser.click(close).await?;
        }
        browser.go("rules").await?;
        for dialog in ["label-new", "policy-new"] {
            browser.click(&format!("[data-testid=\"{dialog}\"]")).await?;
            look(&browser, &format!("{dialog}, {theme}"), &mut found).await?;
            browser.click("dialog[open] [aria-label=Close]").await?;
        }
        for (name, page, steps) in OVER {
            browser.open(theme, "profiles", page, WIDE).await?;
            inject(&browser, &axe).await?;
            browser.advance(1_000).await?;
            for step in *steps {
                match step {
                    Step::Click(id) => browser.click(&format!("[data-testid=\"{id}\"]")).await?,
                    Step::Press(key) => press(&browser, key).await?,
                }
            }
            ensure!(browser.count("dialog[open], .menu").await? > 0, "{name} did not open");
            look(&browser, &format!("{name}, {theme}"), &mut found).await?;
        }
        for scene in ["waiting", "unreachable", "lost", "blocked", "away"] {
            browser.open(theme, scene, "overview", WIDE).await?;
            inject(&browser, &axe).await?;
            browser.advance(3_000).await?;
            look(&browser, &format!("{scene}, {theme}"), &mut found).await?;
        }
    }
    browser.open(Theme::Dark, "live", "gallery", (1600, 1000)).await?;
    inject(&browser, &axe).await?;
    browser.advance(1_000).await?;
    look(&browser, "the design system", &mut found).await?;
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// What a finger can hit, of everything that it is to hit, where that is smaller than 44 px either way. Its reach may be larger
/// than what is drawn.
const SMALL: &str = r"
    const reach = (element) => {
        const target = element.matches('#search, input[type=checkbox], input[type=radio]')
            ? (element.closest('label') ?? element) : element;
        const drawn = target.getBoundingClientRect();
        const own = getComputedStyle(target, '::after');
        const counts = own.content !== 'none' && own.position === 'absolute';
        return [
            Math.max(drawn.width, counts ? parseFloat(own.width) : 0),
            Math.max(drawn.height, counts ? parseFloat(own.height) : 0),
        ];
    };
    const shown = { checkOpacity: true, checkVisibilityCSS: true };
    return [...document.querySelectorAll('button, a.button, select, input, summary, .rail a')]
        .filter((element) => element.checkVisibility(shown))
        .map((element) => [element.dataset.testid ?? element.className, ...reach(element)])
        .filter(([, width, height]) => Math.min(width, height) < 43.5)
        .map(([name, width, height]) => `${name}: ${width} by ${height}`);
";

#[tokio::test(flavor = "multi_thread")]
async fn a_finger_reaches_everything_on_every_page() -> Result<()> {
    let browser = Browser::start().await?;
    let finger = json!({ "enabled": true, "maxTouchPoints": 1 });
    browser.driver.browser_command("Emulation.setTouchEmulationEnabled", finger).await?;
    browser.open(Theme::Dark, "live", "overview", NARROW).await?;
    browser.advance(PLAYED).await?;
    let coarse = "return matchMedia('(pointer: coarse)').matches";
    ensure!(browser.driver.script(coarse, &[]).await? == json!(true), "the pointer is none");
    for (name, page) in PAGES {
        browser.go(page).await?;
        let small = browser.driver.script(SMALL, &[]).await?;
        ensure!(small == json!([]), "{name}: {small:#}");
    }
    Ok(())
}

/// A key, with `Ctrl` where it is a letter.
async fn press(browser: &Browser, key: &str) -> Result<()> {
    let script = "const [key] = arguments; \
        const at = document.querySelector('.rule-form') ?? document.body; \
        at.dispatchEvent(new KeyboardEvent('keydown', \
            { key, ctrlKey: /[a-z]/.test(key) && key.length === 1, bubbles: true, cancelable: true })); \
        return null";
    browser.driver.script(script, &[json!(key)]).await?;
    browser.advance(500).await
}

/// It waits by the page's timers, which stand still here: it gets real ones.
async fn inject(browser: &Browser, axe: &str) -> Result<()> {
    let script =
        format!("const {{ setTimeout, clearTimeout }} = window.real;\n{axe}\nreturn null;");
    browser.driver.script(&script, &[]).await.map(drop)
}

/// Adds what is serious. What is not is printed, for whoever wants it better still.
async fn look(browser: &Browser, what: &str, found: &mut Vec<String>) -> Result<()> {
    let answer = browser.driver.script_async(RUN, &[]).await?;
    let none = Vec::new();
    for one in answer.as_array().unwrap_or(&none) {
        let serious = [json!("serious"), json!("critical")].contains(&one["impact"]);
        let told = told(what, one);
        if serious {
            found.push(told);
        } else {
            eprintln!("minor: {told}");
        }
    }
    Ok(())
}

fn told(what: &str, one: &Value) -> String {
    let places = one["where"].as_array().map(|places| {
        places
            .iter()
            .filter_map(Value::as_str)
            .map(|place| format!("\n    {place}"))
            .collect::<String>()
    });
    format!(
        "{what}: {} ({}){}",
        one["rule"].as_str().unwrap_or_default(),
        one["impact"].as_str().unwrap_or_default(),
        places.unwrap_or_default()
    )
}
