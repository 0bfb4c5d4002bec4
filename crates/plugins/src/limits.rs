use std::time::Duration;

/// What one call of a hook may use. Beyond it the call ends with an error of the [`ErrorKind`](crate::ErrorKind) named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations, as Rhai counts them: 200,000 (`operations`). The limit that is met first, and at the same place on
    /// every machine.
    pub operations: u64,
    /// Time, should single operations be slow: 20 ms (`time`). Looked at every 16 operations.
    pub time: Duration,
    /// Functions within functions: 16 (`depth`).
    pub call_depth: usize,
    /// Brackets within brackets, in a script and in a function of it: 64 and 32. Exceeded, the file does not load.
    pub expression_depth: (usize, usize),
    /// Variables at once: 256 (`size`).
    pub variables: usize,
    /// Bytes of all strings within one value: 64 KiB (`size`).
    pub string_bytes: usize,
    /// Entries of all lists, and of all maps, within one value: 8,192 each (`size`). The interpreter does not look when
    /// one grows by `value[key] = other`: there `memory_bytes` is the limit.
    pub entries: usize,
    /// What all variables of a call hold together, those of the functions that call each other included: 8 MiB (`size`).
    /// Looked at now and then, so that a call may take some times as much for a moment.
    pub memory_bytes: usize,
    /// Bytes of a message's `data`, in and out: 64 KiB. A longer one passes without any plugin seeing it.
    pub data_bytes: usize,
    /// What a plugin keeps between calls (`this`), in bytes of its strings and names and 16 for each value: 64 KiB
    /// (`state`).
    pub state_bytes: usize,
    /// Custom messages of one call: 16 (`script`).
    pub emits: usize,
    /// Notifications of one plugin within a minute: 6. The others are counted.
    pub notifications: usize,
    /// Lines of `print` and `debug` in one call, and characters of a line: 10 and 500. The rest is cut.
    pub print: (usize, usize),
    /// After so many failures in a row a plugin is left alone for a while: 5.
    pub failures: u32,
    /// For this long: 60 s.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            operations: 200_000,
            time: Duration::from_millis(20),
            call_depth: 16,
            expression_depth: (64, 32),
            variables: 256,
            string_bytes: 64 * 1024,
            entries: 8_192,
            memory_bytes: 8 << 20,
            data_bytes: 64 * 1024,
            state_bytes: 64 * 1024,
            emits: 16,
            notifications: 6,
            print: (10, 500),
            failures: 5,
            pause: Duration::from_secs(60),
        }
    }
}
