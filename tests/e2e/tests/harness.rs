//! The harness itself, on real components and without the app: what it says is missing must be missing.

use std::{collections::HashMap, fs, process::Stdio, time::Duration};

use anyhow::{Context, Result};
use e2e::{
    Desktop, Page,
    dunst::{CRITICAL_FRAME, Dunst},
    feed::{Feed, Heard},
    fixtures::Vault,
    likeness::difference,
    notifications::{CRITICAL, Call, Notifications},
    panel::{self, Panel},
    patience::{until, until_within},
    processes::Session,
    python_feed::PythonFeed,
    record::Record,
    screen::Screen,
    tray::{Host, Tray, TrayItem, TrayState},
    webdriver::WebDriver,
    windows::WindowState,
};
use futures_util::{SinkExt, StreamExt};
use ksni::TrayMethods;
use tokio_tungstenite::tungstenite::Message as Frame;
use zbus::zvariant::Value;

#[tokio::test(flavor = "multi_thread")]
async fn windows_are_seen_and_closed() -> Result<()> {
    let desktop = Desktop::start().await?;
    let mut shown = desktop
        .spawn("shown", desktop.command("xmessage").args(["-title", "first one", "text"]))?;
    let iconic = ["-title", "second one", "-iconic", "text"];
    let _minimised = desktop.spawn("minimised", desktop.command("xmessage").args(iconic))?;

    let window = desktop.windows().wait_for("first one", WindowState::Shown).await?;
    assert_eq!(window.title, "first one");
    desktop.windows().wait_for("second one", WindowState::Minimised).await?;
    assert_eq!(desktop.windows().titled("one")?.len(), 2);

    desktop.windows().close(&window)?;
    desktop.windows().wait_for_none("first one").await?;
    shown.wait_for_exit().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outlives_the_desktop() -> Result<()> {
    let desktop = Desktop::start().await?;
    let pid_file = desktop.session().path("pid");
    // A grandchild in a session of its own, whose parent is gone: nobody's child.
    let script = format!("setsid sh -c 'echo $$ > {}; exec sleep 600' &", pid_file.display());
    desktop.spawn("stray", desktop.command("sh").args(["-c", &script]))?.wait_for_exit().await?;
    let pid = until("the stray process", async || {
        Ok(fs::read_to_string(&pid_file).ok().filter(|text| text.ends_with('\n')))
    })
    .await?;
    let environment = format!("/proc/{}/environ", pid.trim());
    assert!(!fs::read(&environment)?.is_empty());

    drop(desktop);

    until("its end", async || {
        let gone = fs::read(&environment).map_or(true, |bytes| bytes.is_empty());
        Ok(gone.then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_recorded_and_answered() -> Result<()> {
    let desktop = Desktop::start().await?;
    let service = Notifications::serve(&desktop).await?;
    let bus = desktop.bus().await?;
    let client = notifications_client(&bus).await?;
    let mut presses = client.receive_signal("ActionInvoked").await?;

    let first = notify(&client, 0, "one", CRITICAL).await?;
    let second = notify(&client, 0, "two", 1).await?;
    assert_ne!(first, second);
    assert_eq!(notify(&client, first, "one again", CRITICAL).await?, first);
    let _: () = client.call("CloseNotification", &(second,)).await?;

    let one = service.wait_for("one", |n| n.summary == "one").await?;
    assert_eq!((one.id, one.urgency(), one.is_new()), (first, Some(CRITICAL), true));
    assert!(one.offers("ack") && !one.offers("Acknowledge"));
    let again = service.wait_for("its replacement", |n| n.summary == "one again").await?;
    assert_eq!((again.id, again.is_new()), (first, false));
    assert_eq!(service.about("one").len(), 2);
    service
        .record
        .wait_for("the close", |c| matches!(c, Call::Close { id } if *id == second))
        .await?;

    service.invoke_action(first, "ack").await?;
    let press = presses.next().await.context("the bus is gone")?;
    assert_eq!(press.body().deserialize::<(u32, String)>()?, (first, "ack".to_owned()));

    service.set_capabilities(&["body"]);
    let capabilities: Vec<String> = client.call("GetCapabilities", &()).await?;
    assert_eq!(capabilities, ["body"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_service_is_missing() -> Result<()> {
    let desktop = Desktop::start().await?;
    let bus = desktop.bus().await?;
    // The bus must not start one by itself, as the system's configuration would.
    let answer = notify(&notifications_client(&bus).await?, 0, "nobody is there", 1).await;
    assert!(answer.is_err());
    assert!(TrayState::of(&desktop).await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tray_item_is_read_and_clicked() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let clicks = Record::default();
    let item = spawn_item(&desktop, &clicks).await?;

    let seen = TrayItem::only(&desktop).await?;
    assert_eq!(seen.title().await?, "An item");
    assert_eq!(seen.status().await?, "Active");
    assert_eq!(seen.tooltip().await?, ("Tip".into(), "more".into()));
    assert!(seen.icon().await?.is_visible());
    let menu = seen.menu().await?;
    let labels: Vec<_> = menu.iter().map(|entry| entry.label.as_str()).collect();
    assert_eq!(labels, ["Open", "More", "Deeper"]);

    seen.click("Deeper").await?;
    seen.activate().await?;
    clicks.wait_until("both clicks", |c| c == ["Deeper", "activate"]).await?;
    assert!(seen.click("Quit").await.is_err());

    assert!(seen.is_registered(&desktop).await?);
    drop(item);
    until("the item to leave", async || Ok((!seen.is_registered(&desktop).await?).then_some(())))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tray_without_a_host_says_so() -> Result<()> {
    let desktop = Desktop::start().await?;
    let tray = Tray::serve(&desktop, Host::Absent).await?;
    assert_eq!(TrayState::of(&desktop).await?.host, Host::Absent);
    tray.leave().await?;
    until("the watcher to leave", async || Ok(TrayState::of(&desktop).await.is_err().then_some(())))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_panel_shows_an_item() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _panel = Panel::start(&desktop).await?;
    let empty = Screen::grab(&desktop)?;
    assert_eq!(empty.count(ITEM_COLOR), 0);

    let _item = spawn_item(&desktop, &Record::default()).await?;

    let shown = until("the icon on the screen", async || {
        let screen = Screen::grab(&desktop)?;
        Ok((screen.count(ITEM_COLOR) > 50).then_some(screen))
    })
    .await?;
    assert!(shown.changed_in_top(panel::HEIGHT, &empty) > 50);
    assert_eq!(TrayItem::only(&desktop).await?.title().await?, "An item");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_dunst_shows_a_notification() -> Result<()> {
    let desktop = Desktop::start().await?;
    let dunst = Dunst::start(&desktop).await?;
    let bus = desktop.bus().await?;

    notify(&notifications_client(&bus).await?, 0, "to dunst", CRITICAL).await?;

    until("it on the screen", async || Ok((dunst.on_screen()? == 1).then_some(()))).await?;
    until("its frame", async || {
        Ok((Screen::grab(&desktop)?.count(CRITICAL_FRAME) > 100).then_some(()))
    })
    .await?;
    let shown = dunst.close_and_list()?;
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].summary.as_str(), shown[0].body.as_str()), ("to dunst", "body"));
    Ok(())
}

/// Debian's WebKitGTK brings this small browser; it stands in for the app.
const BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_driven() -> Result<()> {
    if !fs::exists(BROWSER)? {
        eprintln!("skipped: no {BROWSER} on this machine");
        return Ok(());
    }
    let desktop = Desktop::start().await?;
    // It would load its home page from the network otherwise.
    let args = ["--automation".into(), "about:blank".into()];
    let driver = WebDriver::start(&desktop, BROWSER, &args, &[]).await?;
    // It has a second window, which automation does not use.
    driver.script("document.title = 'driven'", &[]).await?;
    let page = Page::of(&desktop, driver, "driven").await?;
    let html = r#"
        document.body.innerHTML = '<button data-testid="row-1" data-value="75.970">go</button><p data-testid="out">-</p>';
        const out = document.querySelector('p');
        document.querySelector('button').onclick = () => setTimeout(() => out.textContent = 'gone', 300);
    "#;
    page.driver.script(html, &[]).await?;

    assert_eq!(page.text("out").await?.as_deref(), Some("-"));
    assert_eq!(page.text("nothing").await?, None);
    assert_eq!(page.attribute("row-1", "data-value").await?.as_deref(), Some("75.970"));
    assert_eq!(page.count("row-").await?, 1);
    page.click("row-1").await?;
    assert_eq!(page.wait_text("out", "the answer", |text| text == "gone").await?, "gone");
    assert!(page.driver.processes().iter().any(|name| name.starts_with("WebKitWebProc")));

    page.resize(600, 500).await?;
    page.driver.script("document.body.style.background = '#0b1e2c'", &[]).await?;
    // It composes what it paints, which without a graphics card takes a moment.
    until("the colour", async || {
        Ok((page.picture().await?.count([0x0b, 0x1e, 0x2c]) > 100_000).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_speaks_closes_and_comes_back() -> Result<()> {
    let mut feed = Feed::start().await?;
    let greeting = Vault::calm("ETH-001").envelope();
    feed.greet_with(std::slice::from_ref(&greeting));
    assert!(feed.send_raw("to nobody").is_err());

    let (mut socket, _) = tokio_tungstenite::connect_async(feed.url()).await?;
    assert_eq!(socket.next().await.context("no greeting")??, Frame::text(greeting));
    feed.wait_for_connections(1).await?;
    feed.send_vault(&Vault::eth_017_critical())?;
    let frame = socket.next().await.context("no vault")??;
    assert!(frame.to_text()?.contains(r#""ltv":75.97,"#), "{frame}");
    socket.send(Frame::text("hello")).await?;
    feed.heard.wait_for("the text", |heard| *heard == Heard::Text("hello".into())).await?;

    feed.close(1012)?;
    let close = socket.next().await.context("no close")??;
    assert!(matches!(&close, Frame::Close(Some(f)) if u16::from(f.code) == 1012), "{close:?}");
    assert!(socket.next().await.is_none());
    feed.heard.wait_for("the end", |heard| *heard == Heard::Gone).await?;

    feed.stop().await;
    assert!(tokio_tungstenite::connect_async(feed.url()).await.is_err());
    feed.restart().await?;
    let (mut socket, _) = tokio_tungstenite::connect_async(feed.url()).await?;
    feed.wait_for_connections(2).await?;
    socket.next().await.context("no greeting after the restart")??;
    feed.cut()?;
    assert!(socket.next().await.is_none_or(|frame| frame.is_err()), "a crash says nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_feed_speaks_and_comes_back() -> Result<()> {
    let desktop = Desktop::start().await?;
    let mut feed = PythonFeed::start(&desktop).await?;
    let config = tokio_tungstenite::tungstenite::protocol::WebSocketConfig::default()
        .max_message_size(None)
        .max_frame_size(None);
    let connect = || tokio_tungstenite::connect_async_with_config(feed.url(), Some(config), false);
    let (mut socket, _) = connect().await?;
    feed.wait_for_client().await?;

    feed.send_raw("{not json").await?;
    assert_eq!(socket.next().await.context("no text")??, Frame::text("{not json"));
    feed.send_binary(&[0, 255]).await?;
    assert_eq!(socket.next().await.context("no bytes")??, Frame::binary(vec![0, 255]));
    feed.send_big(20).await?;
    assert!(socket.next().await.context("nothing big")??.len() > 20 << 20);
    feed.close(1000).await?;
    let close = socket.next().await.context("no close")??;
    assert!(matches!(&close, Frame::Close(Some(f)) if u16::from(f.code) == 1000), "{close:?}");
    assert!(socket.next().await.is_none());
    // The server waits for the client's end of the connection to be closed, too.
    drop(socket);

    feed.stop().await?;
    feed.start_again().await?;
    let again = tokio_tungstenite::connect_async(feed.url()).await;
    feed.wait_for_client().await?;
    drop(again?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_comes_is_an_error() -> Result<()> {
    let waited = Record::<u8>::default()
        .wait_for_within(Duration::from_millis(50), "a seven", |n| *n == 7)
        .await;
    assert!(format!("{:#}", waited.expect_err("nothing was pushed")).contains("a seven"));
    let never = until_within::<()>(Duration::from_millis(50), "nothing", async || Ok(None)).await;
    assert!(never.is_err());
    Ok(())
}

/// Neither grey nor any colour of a theme.
const ITEM_COLOR: [u8; 3] = [0xfe, 0x03, 0x80];

/// An item that is not the app's, with a submenu and an icon of one colour.
#[derive(Debug)]
struct Item {
    clicks: Record<&'static str>,
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "item".into()
    }

    fn title(&self) -> String {
        "An item".into()
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.clicks.push("activate");
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        let (title, description) = ("Tip".into(), "more".into());
        ksni::ToolTip { title, description, ..Default::default() }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let [red, green, blue] = ITEM_COLOR;
        vec![ksni::Icon { width: 32, height: 32, data: [0xff, red, green, blue].repeat(32 * 32) }]
    }

    fn menu(&self) -> Vec<ksni::MenuItem<Self>> {
        use ksni::menu::{StandardItem, SubMenu};
        let deeper = StandardItem {
            label: "_Deeper".into(),
            activate: Box::new(|item: &mut Self| item.clicks.push("Deeper")),
            ..Default::default()
        };
        vec![
            StandardItem { label: "Open".into(), ..Default::default() }.into(),
            ksni::MenuItem::Separator,
            SubMenu { label: "More".into(), submenu: vec![deeper.into()], ..Default::default() }
                .into(),
        ]
    }
}

/// Runs in a process of its own, because the item's library finds the bus through the environment.
async fn spawn_item(
    desktop: &Desktop,
    clicks: &Record<&'static str>,
) -> Result<tokio::process::Child> {
    let mut command = desktop.command(std::env::current_exe()?);
    command.args(["--exact", "tray_item_process", "--ignored", "--nocapture"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
    let out = child.stdout.take().expect("it is piped");
    let clicks = clicks.clone();
    tokio::spawn(async move {
        let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(out));
        while let Ok(Some(line)) = lines.next_line().await {
            for click in ["Deeper", "activate"] {
                if line == click {
                    clicks.push(click);
                }
            }
        }
    });
    Ok(child)
}

/// Not a test: the process that [`spawn_item`] starts.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by other tests as a process of its own"]
async fn tray_item_process() -> Result<()> {
    let clicks = Record::default();
    let _item = Item { clicks: clicks.clone() }.spawn().await?;
    let mut told = 0;
    loop {
        let all = clicks.wait_until("a click", |clicks: &[_]| clicks.len() > told).await?;
        println!("{}", all[told]);
        told += 1;
    }
}

async fn notifications_client(bus: &zbus::Connection) -> Result<zbus::Proxy<'static>> {
    let name = "org.freedesktop.Notifications";
    Ok(zbus::Proxy::new(bus, name, "/org/freedesktop/Notifications", name).await?)
}

async fn notify(
    client: &zbus::Proxy<'_>,
    replaces: u32,
    summary: &str,
    urgency: u8,
) -> Result<u32> {
    let hints = HashMap::from([("urgency", Value::from(urgency))]);
    let actions = ["default", "Open", "ack", "Acknowledge"].as_slice();
    let arguments = ("client", replaces, "", summary, "body", actions, hints, -1);
    Ok(client.call("Notify", &arguments).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_like_another_unless_a_person_would_see_the_difference() -> Result<()> {
    let session = Session::new()?;
    let draw = |name: &str, more: &[&str]| -> Result<Screen> {
        let file = session.path(name);
        let path = file.to_str().context("a path")?;
        let mut args = vec!["-size", "320x240", "xc:#12161b", "-fill", "#e8ecf1"];
        args.extend(["-draw", "rectangle 20,20 200,32"]);
        args.extend(more);
        args.push(path);
        session.bytes("convert", &args)?;
        Screen::open(&session, &file)
    };
    let known = draw("known.png", &[])?;
    let apart = |other: &Screen| difference(&known, other).context("of one size");

    let same = apart(&draw("same.png", &[])?)?;
    assert_eq!((same.blocks, same.worst), (0.0, 0.0));
    // One pixel, as an edge that is rounded otherwise.
    let pixel = apart(&draw("pixel.png", &["-draw", "point 100,100"])?)?;
    assert!(pixel.is_none() && pixel.worst > 0.0, "{pixel:?}");
    let line = apart(&draw("line.png", &["-draw", "rectangle 20,120 200,124"])?)?;
    assert!(!line.is_none() && line.at.1 / 8 == 15, "{line:?}");
    let tint =
        apart(&draw("tint.png", &["-fill", "#2b1219", "-draw", "rectangle 0,200 319,239"])?)?;
    assert!(!tint.is_none(), "{tint:?}");
    let larger = draw("larger.png", &["-extent", "320x248"])?;
    assert_eq!(difference(&known, &larger), None);
    Ok(())
}
