use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage,
    BasicMathPackage, BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{AST, CallFnOptions, Dynamic, Engine, Map, Scope};
use serde::Serialize;
use smol_str::SmolStr;
use wire::UnixMillis;

use crate::acts::Call;
use crate::json::Digits;
use crate::memory::Memory;
use crate::{ErrorKind, Limits, PluginError};

/// A function of a plugin that VaultWatch calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    OnMessage,
    OnAlert,
    OnState,
}

impl Hook {
    pub const ALL: [Self; 3] = [Self::OnMessage, Self::OnAlert, Self::OnState];

    /// Its name in a script.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OnMessage => "on_message",
            Self::OnAlert => "on_alert",
            Self::OnState => "on_state",
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A compiled file with the engine it was compiled for.
#[derive(Debug)]
pub(crate) struct Script {
    engine: Engine,
    ast: AST,
    call: Call,
    memory: Memory,
    hooks: Vec<Hook>,
    /// What `let state = #{…}` at the top of the file makes `this` begin as.
    initial: Map,
    /// The `const`s at the top of the file, which every function sees.
    constants: Arc<OnceLock<Map>>,
}

impl Script {
    /// Compiles a file and runs its top level once.
    pub(crate) fn load(name: &SmolStr, source: &str, limits: &Limits) -> Result<Self, PluginError> {
        Self::load_with(name, source, limits, |_| {})
    }

    /// As [`Script::load`], with more functions.
    pub(crate) fn load_with(
        name: &SmolStr,
        source: &str,
        limits: &Limits,
        more: impl FnOnce(&mut Engine),
    ) -> Result<Self, PluginError> {
        let call = Call::new();
        let constants = Arc::new(OnceLock::new());
        let memory = Memory::new(limits.memory_bytes);
        let mut engine = engine(name, limits, &call, &memory, &constants);
        more(&mut engine);
        let ast = engine.compile(source).map_err(|e| PluginError::of_parser(&e))?;
        let hooks = hooks(&ast)?;
        let mut script = Self { engine, ast, call, memory, hooks, initial: Map::new(), constants };
        script.run_top_level(limits)?;
        Ok(script)
    }

    pub(crate) fn hooks(&self) -> &[Hook] {
        &self.hooks
    }

    pub(crate) fn call(&self) -> &Call {
        &self.call
    }

    /// A call begins: of a hook, or of the top level.
    pub(crate) fn begin(&self, now: UnixMillis, time: Duration) {
        self.call.begin(now, time);
        self.memory.begin();
    }

    pub(crate) fn initial(&self) -> &Map {
        &self.initial
    }

    pub(crate) fn constant(&self, name: &str) -> Option<&Dynamic> {
        self.constants.get()?.get(name)
    }

    fn run_top_level(&mut self, limits: &Limits) -> Result<(), PluginError> {
        let mut scope = Scope::new();
        self.begin(UnixMillis(0), limits.time);
        let run = self.engine.run_ast_with_scope(&mut scope, &self.ast);
        let acts = self.call.end();
        run.map_err(|e| PluginError::of_call(&e))?;
        if !acts.emitted.is_empty() || !acts.notifications.is_empty() || acts.dropped {
            let reason = "emit, notify and drop belong into a hook, not on the top level";
            return Err(PluginError::new(ErrorKind::Script, reason));
        }
        let mut constants = Map::new();
        for (name, constant, value) in scope.iter() {
            if constant {
                constants.insert(name.into(), value);
            } else if name == "state" {
                let wrong = || PluginError::new(ErrorKind::State, "`state` must be a map: #{…}");
                self.initial = value.try_cast::<Map>().ok_or_else(wrong)?;
            }
        }
        self.constants.set(constants).expect("the top level runs once");
        Ok(())
    }

    /// Calls a hook with `this` bound to `state`.
    pub(crate) fn run(
        &self,
        hook: Hook,
        state: &mut Dynamic,
        argument: Dynamic,
    ) -> Result<Dynamic, PluginError> {
        let options = CallFnOptions::new().eval_ast(false).bind_this_ptr(state);
        self.engine
            .call_fn_with_options::<Dynamic>(
                options,
                &mut Scope::new(),
                &self.ast,
                hook.name(),
                (argument,),
            )
            .map_err(|e| PluginError::of_call(&e).in_hook(hook))
    }
}

/// The hooks a file has, and what is wrong where it has none that can be called.
fn hooks(ast: &AST) -> Result<Vec<Hook>, PluginError> {
    let mut found = Vec::new();
    for hook in Hook::ALL {
        let mut arities =
            ast.iter_functions().filter(|f| f.name == hook.name()).map(|f| f.params.len());
        match arities.next() {
            None => {}
            Some(1) if arities.next().is_none() => found.push(hook),
            Some(_) => {
                let reason = format!("{hook} must be there once and take one argument");
                return Err(PluginError::new(ErrorKind::Syntax, reason));
            }
        }
    }
    if found.is_empty() {
        let reason = "has none of the hooks on_message(msg), on_alert(alert), on_state(state)";
        return Err(PluginError::new(ErrorKind::Syntax, reason));
    }
    Ok(found)
}

/// An engine without files, network, modules, clock and `eval`. The package with `sleep` and `exit` is left out.
fn engine(
    name: &SmolStr,
    limits: &Limits,
    call: &Call,
    memory: &Memory,
    constants: &Arc<OnceLock<Map>>,
) -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    for symbol in ["eval", "import", "export"] {
        engine.disable_symbol(symbol);
    }
    engine.set_max_modules(0);
    limit(&mut engine, limits, call);
    watch_variables(&mut engine, memory, constants);
    register_acts(&mut engine, name, limits, call);
    engine
        .register_type_with_name::<Digits>("number")
        .register_fn("to_string", |digits: &mut Digits| digits.0.clone())
        .register_fn("to_debug", |digits: &mut Digits| digits.0.clone())
        .register_fn("==", |a: Digits, b: Digits| a == b)
        .register_fn("!=", |a: Digits, b: Digits| a != b);
    engine
}

fn limit(engine: &mut Engine, limits: &Limits, call: &Call) {
    engine
        .set_max_operations(limits.operations)
        .set_max_call_levels(limits.call_depth)
        .set_max_expr_depths(limits.expression_depth.0, limits.expression_depth.1)
        .set_max_variables(limits.variables)
        .set_max_string_size(limits.string_bytes)
        .set_max_array_size(limits.entries)
        .set_max_map_size(limits.entries);
    let call = call.clone();
    // Not at each operation: to look at the clock costs more than most of them.
    engine.on_progress(move |operations| {
        (operations % 16 == 0 && call.is_late()).then_some(Dynamic::UNIT)
    });
}

/// Rhai's functions see nothing outside themselves, not even constants; these everybody expects them to see. And where
/// a variable is used, it is time to look how much all of them hold.
#[expect(deprecated, reason = "the interface for it is marked as one that may change")]
fn watch_variables(engine: &mut Engine, memory: &Memory, constants: &Arc<OnceLock<Map>>) {
    let (constants, memory) = (constants.clone(), memory.clone());
    engine.on_var(move |name, index, context| {
        memory.note(&context)?;
        // What has an index is a variable of the function itself.
        Ok((index == 0).then(|| constants.get()?.get(name).cloned()).flatten())
    });
}

fn register_acts(engine: &mut Engine, name: &SmolStr, limits: &Limits, call: &Call) {
    let (shared, plugin, bounds) = (call.clone(), name.clone(), limits.clone());
    engine.register_fn("emit", move |ty: &str, data: Dynamic| {
        shared.acts().emit(&plugin, &bounds, ty, &data)
    });
    let (shared, plugin, bounds) = (call.clone(), name.clone(), limits.clone());
    engine.register_fn("notify", move |severity: &str, title: &str, message: &str| {
        shared.acts().notify(&plugin, &bounds, severity, title, message)
    });
    let shared = call.clone();
    engine.register_fn("drop", move || shared.acts().dropped = true);
    let (shared, bounds) = (call.clone(), limits.clone());
    engine.on_print(move |line| shared.acts().print(&bounds, line));
    let (shared, bounds) = (call.clone(), limits.clone());
    engine.on_debug(move |line, _, position| {
        shared.acts().print(&bounds, &format!("{position:?} {line}"));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_seen_everywhere_and_hidden_by_variables() {
        let source = "const X = 1; fn f() { X } fn g() { let X = 5; X } fn on_alert(a) { this.r = [f(), g(), X]; }";
        let script = Script::load(&"p".into(), source, &Limits::default()).unwrap();
        let mut state = Dynamic::from(Map::new());
        script.begin(UnixMillis(0), Duration::from_secs(600));
        let _ = script.run(Hook::OnAlert, &mut state, Dynamic::UNIT).unwrap();
        let state = state.cast::<Map>();
        assert_eq!(format!("{:?}", state["r"]), "[1, 5, 1]");
    }
}
