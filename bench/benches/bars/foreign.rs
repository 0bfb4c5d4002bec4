//! Readers in other languages, with the library that most people there take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::scratch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Node,
    Python,
}

/// A reader with its library, installed in a folder of its own.
pub(crate) struct Foreign {
    language: Language,
    program: PathBuf,
    script: PathBuf,
    version: String,
}

impl Foreign {
    /// Installs the library if it is not there yet.
    pub(crate) fn prepare(language: Language) -> Result<Self> {
        match language {
            Language::Node => Self::node().context("Node ws cannot be compared with"),
            Language::Python => Self::python().context("Python websockets cannot be compared with"),
        }
    }

    fn node() -> Result<Self> {
        let folder = scratch().join("bench-node");
        let script = folder.join("reader.cjs");
        fs::create_dir_all(&folder)?;
        fs::write(&script, include_str!("readers/reader.cjs"))?;
        let package = folder.join("node_modules/ws/package.json");
        if !package.exists() {
            println!("installing ws for Node");
            let mut npm = Command::new("npm");
            done(npm.current_dir(&folder).args([
                "install",
                "--no-audit",
                "--no-fund",
                "--prefix",
                ".",
                "ws@8",
            ]))?;
        }
        let package: serde_json::Value = serde_json::from_slice(&fs::read(package)?)?;
        let version = package["version"].as_str().unwrap_or_default().to_owned();
        Ok(Self { language: Language::Node, program: "node".into(), script, version })
    }

    fn python() -> Result<Self> {
        let folder = scratch().join("bench-python");
        let program = folder.join("bin/python");
        if !program.exists() {
            done(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        }
        let script = folder.join("reader.py");
        fs::write(&script, include_str!("readers/reader.py"))?;
        let ask = ["-c", "import websockets; print(websockets.__version__)"];
        if done(Command::new(&program).args(ask)).is_err() {
            println!("installing websockets for Python");
            done(Command::new(&program).args(["-m", "pip", "install", "--quiet", "websockets"]))?;
        }
        let version = done(Command::new(&program).args(ask))?.trim().to_owned();
        Ok(Self { language: Language::Python, program, script, version })
    }

    pub(crate) fn command(&self, url: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(&self.script).arg(url);
        command
    }

    /// Another script with the same library.
    pub(crate) fn other(&self, name: &str, text: &str) -> Result<Command> {
        let script = self.script.with_file_name(name);
        fs::write(&script, text)?;
        let mut command = Command::new(&self.program);
        command.arg(script);
        Ok(command)
    }

    pub(crate) fn package(&self) -> &'static str {
        match self.language {
            Language::Node => "ws",
            Language::Python => "websockets",
        }
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }
}

/// What it prints, once it has succeeded.
fn done(command: &mut Command) -> Result<String> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command.output().with_context(|| format!("{name} cannot be started"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed: {errors}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
