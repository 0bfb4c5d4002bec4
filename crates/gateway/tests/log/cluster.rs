use crate::nats;
use crate::program::{ANY, Program};
use crate::publisher::Publisher;
use crate::until;
use crate::watcher::Watcher;

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_loses_a_server_and_not_a_message() {
    let mut servers = nats::cluster().await;
    let urls: Vec<_> = servers.iter().map(nats::Server::url).collect();
    let broker = urls.join(",");
    let start = || Program::start_on(ANY, &["--broker", &broker, "--replicas", "3"]);
    let (a, b) = (start(), start());
    a.ready().await;
    b.ready().await;
    let watcher = Watcher::start(vec![a.url(), b.url()]).await;
    let publisher = Publisher::start(vec![b.port, a.port]);
    until("some were published", async || publisher.acknowledged() > 100).await;
    // Mid-stream; each in turn, so that one of them was the leader and one was connected to.
    for server in &mut servers {
        server.kill();
        let before = publisher.acknowledged();
        until("two servers go on", async || publisher.acknowledged() > before + 100).await;
        server.go_on().await;
        until("the gateways are well", async || {
            a.ready().await;
            b.ready().await;
            true
        })
        .await;
        let before = publisher.acknowledged();
        until("three servers go on", async || publisher.acknowledged() > before + 100).await;
    }
    let account = publisher.finish().await;
    watcher.check(&account).await;
    // And from the log: who comes now and asks for everything.
    let stored = stored(&servers[1].url()).await;
    assert_eq!(stored, account.offsets.len() as u64, "each once");
}

async fn stored(url: &str) -> u64 {
    let client = async_nats::connect(url).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("VAULTWATCH_default").await.unwrap();
    stream.cached_info().state.messages
}
