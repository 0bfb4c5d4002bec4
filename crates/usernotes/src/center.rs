#![expect(unsafe_code, reason = "the delegate is a class of Objective-C's")]

use std::fmt;

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

const CATEGORY: &str = "alert";

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
}

/// A button of every notification. It does not bring the program to the front.
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

type OnClick = Box<dyn Fn(Clicked) + Send + Sync>;

struct Ivars {
    on_click: OnClick,
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
            (self.ivars().on_click)(Clicked {
                id: request.identifier().to_string(),
                action: response.actionIdentifier().to_string(),
                context: context.map(|context| context.to_string()).unwrap_or_default(),
            });
            done.call(());
        }
    }
);

impl Delegate {
    fn new(on_click: OnClick) -> Retained<Self> {
        let this = Self::alloc().set_ivars(Ivars { on_click });
        // SAFETY: the signature of NSObject's `init`.
        unsafe { msg_send![super(this), init] }
    }
}

/// The system's notification center for this program.
pub struct Center {
    center: Retained<UNUserNotificationCenter>,
    /// The center holds it weakly.
    _delegate: Retained<Delegate>,
}

impl fmt::Debug for Center {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Center").finish_non_exhaustive()
    }
}

// SAFETY: Apple documents the center as safe to use from any thread, and the delegate only calls what is Send and Sync.
unsafe impl Send for Center {}
// SAFETY: the same.
unsafe impl Sync for Center {}

impl Center {
    /// Asks the person for permission, the first time ever. `on_click` is called on a thread of the system's.
    ///
    /// `None` outside of an application bundle, where the system has no center and would end the program.
    #[must_use]
    pub fn of_bundle(
        buttons: &[Button],
        on_click: impl Fn(Clicked) + Send + Sync + 'static,
    ) -> Option<Self> {
        NSBundle::mainBundle().bundleIdentifier()?;
        let center = UNUserNotificationCenter::currentNotificationCenter();
        let delegate = Delegate::new(Box::new(on_click));
        center.setDelegate(Some(ProtocolObject::from_ref(&*delegate)));
        let actions: Vec<_> = buttons
            .iter()
            .map(|button| {
                UNNotificationAction::actionWithIdentifier_title_options(
                    &NSString::from_str(button.action),
                    &NSString::from_str(button.label),
                    UNNotificationActionOptions::empty(),
                )
            })
            .collect();
        let category =
            UNNotificationCategory::categoryWithIdentifier_actions_intentIdentifiers_options(
                &NSString::from_str(CATEGORY),
                &NSArray::from_retained_slice(&actions),
                &NSArray::new(),
                UNNotificationCategoryOptions::empty(),
            );
        center.setNotificationCategories(&NSSet::from_retained_slice(&[category]));
        let asked = RcBlock::new(|_granted: Bool, _error: *mut NSError| {});
        let wanted = UNAuthorizationOptions::Alert | UNAuthorizationOptions::Sound;
        center.requestAuthorizationWithOptions_completionHandler(wanted, &asked);
        Some(Self { center, _delegate: delegate })
    }

    /// `done` is called once, with the system's own words where it refuses: where the person has not allowed
    /// notifications, for instance.
    pub fn show(&self, note: &Note, done: impl Fn(Result<(), String>) + Send + 'static) {
        let content = UNMutableNotificationContent::new();
        content.setTitle(&NSString::from_str(&note.title));
        content.setBody(&NSString::from_str(&note.body));
        content.setCategoryIdentifier(&NSString::from_str(CATEGORY));
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
        self.center.addNotificationRequest_withCompletionHandler(&request, Some(&told));
    }

    pub fn remove(&self, id: &str) {
        let ids = NSArray::from_retained_slice(&[NSString::from_str(id)]);
        self.center.removeDeliveredNotificationsWithIdentifiers(&ids);
    }
}
