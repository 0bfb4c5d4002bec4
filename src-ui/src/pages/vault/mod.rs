//! One vault: how it stands in a sentence, its figures, what cures it, what it is made of, and its alerts.

mod bands;
mod composition;
mod cure;
mod figures;
mod history;
mod watch;
mod what_if;

use std::rc::Rc;

use domain::VaultId;
use domain::view::{Freshness, Target, VaultDetail, VaultRow};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

pub(super) use cure::amount as remedy_amount;

use composition::composition;
use cure::CureCalculator;
use figures::{figures, particulars};
use history::History;
use watch::Watch;
use what_if::VaultWhatIf;

use crate::clock::Age;
use crate::design::{Empty, Icon, badge, style_of};
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::shell::{AlertItem, route};
use crate::words::{self, SLOT, vault as say, vault_figures};

#[derive(PartialEq, Properties)]
pub(crate) struct VaultPageProps {
    pub(crate) id: VaultId,
}

/// What is known of the part that only this page asks for.
#[derive(Clone, PartialEq)]
enum Loaded {
    Waiting,
    Detail(Rc<VaultDetail>),
    /// The backend knows no such vault.
    Unknown,
    Failed(AttrValue),
}

#[component]
pub(crate) fn VaultPage(props: &VaultPageProps) -> Html {
    let id = props.id.clone();
    let entry = {
        let id = id.clone();
        use_live(Topic::Vault(id.clone()), move |state| state.board.vault(&id).cloned())
    };
    // Else its figures could be a second behind.
    let session = use_session();
    use_effect_with(id.clone(), move |id| session.look_at(vec![id.clone()]));
    let loaded = use_detail(&id, entry.as_ref().map(|entry| &*entry.row));
    match (&*loaded, entry) {
        (Loaded::Detail(detail), entry) => {
            let row = entry
                .as_ref()
                .map_or_else(|| Rc::new(detail.row.clone()), |entry| Rc::clone(&entry.row));
            html! {
                <main class="page vault" data-testid="vault-detail" data-level={style_of(&row)}>
                    { headline(&row, detail) }
                    { figures(&row, detail) }
                    <div class="columns">
                        <div class="column">
                            <CureCalculator detail={Rc::clone(detail)} />
                            <History id={id.clone()} row={Rc::clone(&row)} trend={entry.map(|entry| entry.trend).unwrap_or_default()} measure={detail.measure} />
                            <VaultWhatIf detail={Rc::clone(detail)} />
                            { composition(vault_figures::collateral(), say::no_collateral(), &detail.collateral) }
                            { composition(vault_figures::debt(), say::no_debt(), &detail.debt) }
                        </div>
                        <div class="column side">
                            <Alerts id={id.clone()} />
                            <Watch {id} />
                            { particulars(&row, detail) }
                        </div>
                    </div>
                </main>
            }
        }
        (Loaded::Waiting, _) => html! {
            <main class="page vault" role="status" aria-label={say::loading()}>
                <div class="skeleton"><div class="skeleton-totals" /><div class="skeleton-totals" /><div class="skeleton-table" /></div>
            </main>
        },
        (Loaded::Unknown, _) => html! {
            <main class="page vault">
                <Empty icon={Icon::Info} title={say::none(id.as_str())}>
                    <p>{ say::none_why() }</p>
                    <p><a class="button" href={route::href(&Target::Overview)}>{ say::to_overview() }</a></p>
                </Empty>
            </main>
        },
        (Loaded::Failed(why), _) => html! {
            <main class="page vault">
                <Empty icon={Icon::Warning} title={say::unread(id.as_str())}>
                    <p>{ why }</p>
                    <p>{ say::unread_note() }</p>
                </Empty>
            </main>
        },
    }
}

/// Reads the detail, and reads it again with new values of the vault, at most once a second.
#[hook]
fn use_detail(id: &VaultId, row: Option<&VaultRow>) -> UseStateHandle<Loaded> {
    let session = use_session();
    let loaded = use_state_eq(|| Loaded::Waiting);
    let version = row.map(|row| (row.received.0 / 1_000, row.freshness));
    let set = loaded.setter();
    use_effect_with((id.clone(), version), move |(id, _)| {
        let id = id.clone();
        spawn_local(async move {
            set.set(match session.vault_detail(id).await {
                Ok(Some(detail)) => Loaded::Detail(Rc::new(detail)),
                Ok(None) => Loaded::Unknown,
                Err(error) => Loaded::Failed(error.in_words().into()),
            });
        });
    });
    loaded
}

fn headline(row: &VaultRow, detail: &VaultDetail) -> Html {
    let chain = row.chain_id.map(domain::ChainId::name);
    let facts: Vec<String> = [
        row.name.as_deref().map(str::to_owned),
        (!row.tokens.is_empty()).then(|| row.tokens.to_string()),
        chain.map(std::borrow::Cow::into_owned),
        row.status.map(|status| figures::status(status).to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let updated = match row.freshness {
        Freshness::Stale => say::last_known(SLOT),
        Freshness::Live => say::updated(SLOT),
    };
    html! {
        <section class="card headline">
            <div class="headline-level" data-testid={format!("vault-level-{}", row.id)}>{ badge(row.level, row.freshness) }</div>
            <p class="verdict">{ &detail.verdict }</p>
            <p class="facts">
                { facts.join(" · ") }
                <span class="facts-age">{ words::set(&updated, [html! { <Age at={row.received} /> }]) }</span>
            </p>
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct AlertsProps {
    id: VaultId,
}

#[component]
fn Alerts(props: &AlertsProps) -> Html {
    let all = use_live(Topic::Inbox, |state| state.inbox.all().to_vec());
    let own: Vec<_> = all.iter().filter(|one| one.vault.as_ref() == Some(&props.id)).collect();
    html! {
        <section class="card alerts-card" aria-label={say::alerts()}>
            <h2 class="card-head">{ say::alerts() }</h2>
            if own.is_empty() {
                <p class="card-empty">{ say::no_alerts() }</p>
            }
            <>{ for own.into_iter().map(|one| html! { <AlertItem key={one.id.0} one={Rc::clone(one)} here={Target::Vault(props.id.clone())} /> }) }</>
        </section>
    }
}
