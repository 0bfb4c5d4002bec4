#![expect(unsafe_code, reason = "the delegate is a class of Objective-C's")]

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use block2::{DynBlock, RcBlock};
use objc2::rc::Retained;
use objc2::runtime::{Bool, NSObjectProtocol, ProtocolObject};
use objc2::{AnyThread, DefinedClass, define_class, msg_send};
use objc2_foundation::{NSArray, NSBundle, NSError, NSObject, NSSet, NSString};
use objc2_user_notifications::{
    UNAuthorizationOptions, UNMutableNotificationContent, UNNotification, UNNotificationAction,
    UNNotificationActionOptions, UNNotificationCategory, UNNotificationCategoryOptions,
    UNNotificationInterruptionLevel, UNNotificationPresentationOptions, UNNotificationRequest,
    UNNotificationResponse, UNNotificationSound, UNUserNotificationCenter,
    UNUserNotificationCenterDelegate,
};

/// Clicks kept for whoever may listen later; nobody clicks as often before the program is up.
const WAITING: usize = 16;

/// What is shown. Of one `id` there is one on the screen: the next one takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub id: String,
    pub title: String,
    pub body: String,
    /// Comes back with each click on it.
    pub context: String,
    /// Through a Focus, where the person allows it; else as any other.
    pub time_sensitive: bool,
    pub sound: bool,
    /// Which buttons it has, by [`Category::id`].
    pub category: &'static str,
}

/// The buttons of some notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    pub id: &'static str,
    pub buttons: Vec<Button>,
}

/// A button of a notification. It does not bring the program to the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button {
    pub action: &'static str,
    pub label: &'static str,
}

/// Somebody clicked a notification, one of this run or an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clicked {
    pub id: String,
    /// The button's, or [`DEFAULT_ACTION`](crate::DEFAULT_ACTION).
    pub action: String,
    pub context: String,
}

/// Says whether it was about one of its own.
type OnClick = Box<dyn Fn(&Clicked) -> bool + Send + Sync>;

/// Those who listen, and the clicks that nobody knew: the one that started the program may come before them.
#[derive(Default)]
struct Clicks(Mutex<(Vec<OnClick>, VecDeque<Clicked>)>);

impl Clicks {
    fn lock(&self) -> MutexGuard<'_, (Vec<OnClick>, VecDeque<Clicked>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(&self, on_click: OnClick) {
        let mut clicks = self.lock();
        clicks.1.retain(|clicked| !on_click(clicked));
        clicks.0.push(on_click);
    }

    fn clicked(&self, clicked: Clicked) {
        let mut clicks = self.lock();
        if clicks.0.iter().any(|on_click| on_click(&clicked)) {
            return;
        }
        if clicks.1.len() >= WAITING {
            clicks.1.pop_front();
        }
        clicks.1.push_back(clicked);
    }
}

struct Ivars {
    clicks: Arc<Clicks>,
}

define_class!(
    // SAFETY: NSObject asks nothing of its subclasses, and this one does not implement Drop.
    #[unsafe(super(NSObject))]
    #[thread_kind = AnyThread]
    #[name = "VaultWatchNotificationDelegate"]
    #[ivars = Ivars]
    struct Delegate;

    // SAFETY: it asks for nothing.
    unsafe impl NSObjectProtocol for Delegate {}

    // SAFETY: the methods have the protocol's signatures.
    unsafe impl UNUserNotificationCenterDelegate for Delegate {
        #[unsafe(method(userNotificationCenter:willPresentNotification:withCompletionHandler:))]
        fn will_present(
            &self,
            _center: &UNUserNotificationCenter,
            _notification: &UNNotification,
            done: &DynBlock<dyn Fn(UNNotificationPresentationOptions)>,
        ) {
            // In front or not: an alert is seen.
            let everywhere = UNNotificationPresentationOptions::Banner
                | UNNotificationPresentationOptions::List
                | UNNotificationPresentationOptions::Sound;
            done.call((everywhere,));
        }

        #[unsafe(method(userNotificationCenter:didReceiveNotificationResponse:withCompletionHandler:))]
        fn did_receive(
            &self,
            _center: &UNUserNotificationCenter,
            response: &UNNotificationResponse,
            done: &DynBlock<dyn Fn()>,
        ) {
            let request = response.notification().request();
            let context = request.content().targetContentIdentifier();
            self.ivars().clicks.clicked(Clicked {
                id: request.identifier().to_string(),
                action: response.actionIdentifier().to_string(),
                context: context.map(|context| context.to_string()).unwrap_or_default(),
            });
            done.call(());
        }
    }
);

impl Delegate {
    fn new(clicks: Arc<Clicks>) -> Retained<Self> {
        let this = Self::alloc().set_ivars(Ivars { clicks });
        // SAFETY: the signature of NSObject's `init`.
        unsafe { msg_send![super(this), init] }
    }
}

/// The one center of the program, and the one delegate that it has.
struct Shared {
    center: Retained<UNUserNotificationCenter>,
    /// The center holds it weakly.
    _delegate: Retained<Delegate>,
    clicks: Arc<Clicks>,
}

// SAFETY: Apple documents the center as safe to use from any thread, and the delegate only calls what is Send and Sync.
unsafe impl Send for Shared {}
// SAFETY: the same.
unsafe impl Sync for Shared {}

/// The system's notification center for this program. Of these there may be several, each for notifications of its own.
#[derive(Clone, Copy)]
pub struct Center {
    shared: &'static Shared,
}

impl fmt::Debug for Center {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Center").finish_non_exhaustive()
    }
}

impl Category {
    fn for_the_system(&self) -> Retained<UNNotificationCategory> {
        let actions: Vec<_> = self
            .buttons
            .iter()
            .map(|button| {
                UNNotificationAction::actionWithIdentifier_title_options(
                    &NSString::from_str(button.action),
                    &NSString::from_str(button.label),
                    UNNotificationActionOptions::empty(),
                )
            })
            .collect();
        UNNotificationCategory::categoryWithIdentifier_actions_intentIdentifiers_options(
            &NSString::from_str(self.id),
            &NSArray::from_retained_slice(&actions),
            &NSArray::new(),
            UNNotificationCategoryOptions::empty(),
        )
    }
}

impl Shared {
    /// Asks the person for permission, the first time ever.
    fn new(categories: &[Category]) -> Option<Self> {
        NSBundle::mainBundle().bundleIdentifier()?;
        let center = UNUserNotificationCenter::currentNotificationCenter();
        let clicks = Arc::<Clicks>::default();
        let delegate = Delegate::new(Arc::clone(&clicks));
        center.setDelegate(Some(ProtocolObject::from_ref(&*delegate)));
        let categories: Vec<_> = categories.iter().map(Category::for_the_system).collect();
        center.setNotificationCategories(&NSSet::from_retained_slice(&categories));
        let asked = RcBlock::new(|_granted: Bool, _error: *mut NSError| {});
        let wanted = UNAuthorizationOptions::Alert | UNAuthorizationOptions::Sound;
        center.requestAuthorizationWithOptions_completionHandler(wanted, &asked);
        Some(Self { center, _delegate: delegate, clicks })
    }
}

impl Center {
    /// `on_click` is called on a thread of the system's, and says whether the click was about one of its own. What nobody
    /// knows is kept for who listens next. The categories are those of the first call.
    ///
    /// `None` outside of an application bundle, where the system has no center and would end the program.
    #[must_use]
    pub fn of_bundle(
        categories: &[Category],
        on_click: impl Fn(&Clicked) -> bool + Send + Sync + 'static,
    ) -> Option<Self> {
        static SHARED: OnceLock<Option<Shared>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Shared::new(categories)).as_ref()?;
        shared.clicks.listen(Box::new(on_click));
        Some(Self { shared })
    }

    /// `done` is called once, with the system's own words where it refuses: where the person has not allowed
    /// notifications, for instance.
    pub fn show(&self, note: &Note, done: impl Fn(Result<(), String>) + Send + 'static) {
        let content = UNMutableNotificationContent::new();
        content.setTitle(&NSString::from_str(&note.title));
        content.setBody(&NSString::from_str(&note.body));
        content.setCategoryIdentifier(&NSString::from_str(note.category));
        content.setTargetContentIdentifier(Some(&NSString::from_str(&note.context)));
        if note.time_sensitive {
            content.setInterruptionLevel(UNNotificationInterruptionLevel::TimeSensitive);
        }
        if note.sound {
            content.setSound(Some(&UNNotificationSound::defaultSound()));
        }
        let id = NSString::from_str(&note.id);
        let request =
            UNNotificationRequest::requestWithIdentifier_content_trigger(&id, &content, None);
        let told = RcBlock::new(move |error: *mut NSError| {
            // SAFETY: the system passes nothing, or an error that lives for the call.
            let error = unsafe { error.as_ref() };
            done(match error {
                None => Ok(()),
                Some(error) => Err(error.localizedDescription().to_string()),
            });
        });
        self.shared.center.addNotificationRequest_withCompletionHandler(&request, Some(&told));
    }

    pub fn remove(&self, id: &str) {
        let ids = NSArray::from_retained_slice(&[NSString::from_str(id)]);
        self.shared.center.removeDeliveredNotificationsWithIdentifiers(&ids);
    }
}
