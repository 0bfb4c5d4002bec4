//! How much the variables of a running call hold. The interpreter's own limits are about one value each, and it does not
//! look when a list or map grows by `list[i] = value`: many of them, or one filled that way, could take all the memory
//! there is.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Dynamic, EvalAltResult, EvalContext, ImmutableString, Map, Position};

use crate::json::Digits;

/// Looks at the variables again and again, as often as they are used.
#[derive(Clone, Debug)]
pub(crate) struct Memory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    /// Uses of variables until the next look.
    countdown: AtomicUsize,
    /// What each of the functions that call each other held when it was looked at.
    levels: Mutex<Vec<usize>>,
}

/// Uses of variables from one look to the next: few when the first one is due, and never more or less than these.
const FIRST_LOOK: usize = 16;
const LOOK_EVERY: (usize, usize) = (4, 256);
/// With one use of a variable something as large as all of them can be made, or a text as long as texts may be. The next
/// look comes before that can add up to so many times the limit.
const SLACK: usize = 4;
const TEXT_LIMIT: usize = 64 * 1024;

/// Values within values. What is deeper can neither be kept nor sent, and the interpreter, which goes over it again and
/// again, would run out of stack.
const DEPTH: usize = 64;

/// A value in a list, a variable.
const VALUE: usize = 16;
/// What a text takes beside its bytes, and an entry of a map beside its name and value.
const TEXT: usize = 48;
const ENTRY: usize = 64;

impl Memory {
    pub(crate) fn new(limit: usize) -> Self {
        let countdown = AtomicUsize::new(FIRST_LOOK);
        Self(Arc::new(Inner { limit, countdown, levels: Mutex::default() }))
    }

    pub(crate) fn begin(&self) {
        // Relaxed, here and below: written and read by the thread that runs the call.
        self.0.countdown.store(FIRST_LOOK, Ordering::Relaxed);
        self.0.levels.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A variable is used.
    ///
    /// # Errors
    /// When all of them together hold more than the limit.
    pub(crate) fn note(
        &self,
        context: &EvalContext<'_, '_, '_, '_, '_, '_>,
    ) -> Result<(), Box<EvalAltResult>> {
        let left = self.0.countdown.load(Ordering::Relaxed);
        if left > 0 {
            self.0.countdown.store(left - 1, Ordering::Relaxed);
            return Ok(());
        }
        let mut levels = self.0.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let level = context.call_level();
        levels.resize(level + 1, 0);
        levels[level] = 0;
        let others: usize = levels.iter().sum();
        let mut look = Look { left: self.0.limit.saturating_sub(others) };
        let before = look.left;
        let variables = context.scope().iter_raw().map(|(_, _, value)| value);
        // `this` is the same in all of them.
        let this = context.this_ptr().filter(|_| level <= 1);
        let fits = variables.chain(this).try_for_each(|value| look.weigh(value, DEPTH));
        levels[level] = before - look.left;
        let (least, most) = LOOK_EVERY;
        let largest = (others + levels[level]).max(TEXT_LIMIT);
        let next = (SLACK * self.0.limit / largest).clamp(least, most);
        self.0.countdown.store(next, Ordering::Relaxed);
        fits.ok_or_else(|| {
            let limit = self.0.limit;
            let what = format!("all variables together, beyond {limit} bytes or {DEPTH} deep");
            EvalAltResult::ErrorDataTooLarge(what, Position::NONE).into()
        })
    }
}

struct Look {
    left: usize,
}

impl Look {
    /// `None` when it is too much, or too deep.
    fn weigh(&mut self, value: &Dynamic, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        self.take(VALUE)?;
        if let Some(list) = value.read_lock::<rhai::Array>() {
            list.iter().try_for_each(|value| self.weigh(value, depth))
        } else if let Some(map) = value.read_lock::<Map>() {
            map.iter().try_for_each(|(name, value)| {
                self.take(ENTRY + name.len())?;
                self.weigh(value, depth)
            })
        } else if let Some(text) = value.read_lock::<ImmutableString>() {
            self.take(TEXT + text.len())
        } else if let Some(digits) = value.read_lock::<Digits>() {
            self.take(TEXT + digits.0.len())
        } else if let Some(bytes) = value.read_lock::<rhai::Blob>() {
            self.take(TEXT + bytes.len())
        } else {
            Some(())
        }
    }

    fn take(&mut self, bytes: usize) -> Option<()> {
        self.left = self.left.checked_sub(bytes)?;
        Some(())
    }
}
