//! Packages: for Linux by the tools of Debian and Red Hat, for Windows and macOS by Tauri's.
//!
//! A [`Recipe`] says what is in a package, a [`Tree`] is that as files, [`deb`] and [`rpm`] put it into a container,
//! and [`inspection`] looks into what came out. From the same programs come the same packages, byte for byte.

mod control;
mod deb;
mod desktop_entry;
mod elsewhere;
mod graph;
mod inspection;
mod licences;
mod manifest;
mod recipe;
mod release;
mod rpm;
mod sbom;
mod tree;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::build::{self, Profile};
use crate::step::{note, step};
use crate::{clean_root, debian, workspace};

use graph::Graph;
use recipe::Recipe;
use release::Release;
use tree::Tree;

/// What a package can be put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Deb,
    Rpm,
}

impl Format {
    const ALL: [Self; 2] = [Self::Deb, Self::Rpm];

    fn make(self, recipe: &Recipe, tree: &Tree, release: &Release, to: &Path) -> Result<PathBuf> {
        match self {
            Self::Deb => deb::make(recipe, tree, release, to),
            Self::Rpm => rpm::make(recipe, tree, release, to),
        }
    }

    fn file_name(self, recipe: &Recipe, release: &Release) -> Result<String> {
        match self {
            Self::Deb => deb::file_name(recipe, release),
            Self::Rpm => rpm::file_name(recipe, release),
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
        }
    }
}

/// Builds, packs in each of `formats` (all, where none is named), and looks into what came out.
pub(crate) fn run(formats: &[Format]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return elsewhere::bundle();
    }
    build::build(Profile::Release)?;
    let formats = if formats.is_empty() { &Format::ALL } else { formats };
    debian::ensure(debian::BUNDLE)?;
    let release = Release::current()?;
    let graph = linked()?;
    for recipe in recipe::all()? {
        let tree = plant(&recipe, &release, &graph)?;
        for format in formats {
            let package = pack(*format, &recipe, &tree, &release)?;
            step(&format!("packing {} again", recipe.name), || {
                inspection::same_again(&package, |to| format.make(&recipe, &tree, &release, to))
            })?;
        }
    }
    Ok(())
}

/// The packages of what is built, made where they are older than what is in them: those for Debian. For the tests on an
/// installed package.
fn current_packages() -> Result<Vec<PathBuf>> {
    let release = Release::current()?;
    let newest = newest_input()?;
    let recipes = recipe::all()?;
    let path = |format: Format, recipe: &Recipe| -> Result<PathBuf> {
        Ok(outputs(format).join(format.file_name(recipe, &release)?))
    };
    let mut wanted = Vec::new();
    for recipe in &recipes {
        for format in Format::ALL {
            wanted.push(path(format, recipe)?);
        }
    }
    let is_current = |path: &PathBuf| modified(path).is_ok_and(|at| at > newest);
    if wanted.iter().all(is_current) {
        note("the packages are there");
    } else {
        let graph = linked()?;
        for recipe in &recipes {
            let tree = plant(recipe, &release, &graph)?;
            for format in Format::ALL {
                pack(format, recipe, &tree, &release)?;
            }
        }
    }
    recipes.iter().map(|recipe| path(Format::Deb, recipe)).collect()
}

/// Where the programs were built to.
fn programs() -> PathBuf {
    workspace::target().join("release")
}

/// Where Tauri's tool puts packages as well.
fn bundles() -> PathBuf {
    programs().join("bundle")
}

fn outputs(format: Format) -> PathBuf {
    bundles().join(format.folder())
}

fn linked() -> Result<Graph> {
    step("finding out what is linked", Graph::of_the_release)
}

fn plant(recipe: &Recipe, release: &Release, graph: &Graph) -> Result<Tree> {
    let place = workspace::target().join("tmp/packages").join(recipe.name);
    let tree = Tree::plant(&place, recipe, release)?;
    let roots = recipe.programs.iter().map(|program| program.package);
    let crates = graph.reachable(&roots.collect::<Vec<_>>());
    tree.document("third-party-licences.txt", &licences::notice(&crates)?)?;
    tree.document("sbom.cdx.json", &sbom::cyclonedx(recipe, release, &crates))?;
    tree.settle(release.time())?;
    Ok(tree)
}

fn pack(format: Format, recipe: &Recipe, tree: &Tree, release: &Release) -> Result<PathBuf> {
    let to = outputs(format);
    fs::create_dir_all(&to)?;
    let package = step(&format!("packing {} as {}", recipe.name, format.folder()), || {
        format.make(recipe, tree, release, &to)
    })?;
    inspection::look_into(&package, format, tree)?;
    Ok(package)
}

/// When the youngest of what goes into the packages was written.
fn newest_input() -> Result<SystemTime> {
    let root = workspace::root();
    let mut paths = vec![env::current_exe()?];
    for recipe in recipe::all()? {
        paths.extend(recipe.programs.iter().map(|program| programs().join(program.binary)));
    }
    let named = ["tauri.conf.json", "Cargo.lock", "LICENSE-MIT", "LICENSE-APACHE"];
    paths.extend(named.map(|name| root.join(name)));
    for folder in ["packaging", "icons"] {
        tree::files_below(&root.join(folder), &mut paths)?;
    }
    let times = paths.iter().map(|path| modified(path)).collect::<Result<Vec<_>>>()?;
    Ok(times.into_iter().max().unwrap_or(SystemTime::UNIX_EPOCH))
}

fn modified(path: &Path) -> Result<SystemTime> {
    let about = fs::metadata(path).with_context(|| format!("{} is missing", path.display()))?;
    Ok(about.modified()?)
}

/// What the tests on an installed package need: the folder that has those of each format in one of its own, and a clean
/// system to install them in. `None` where this machine cannot have the latter; that was said then.
pub(crate) fn for_installing() -> Result<Option<(PathBuf, PathBuf)>> {
    if let Err(obstacle) = clean_root::possible() {
        note(&format!("SKIPPED: the tests on an installed package: {obstacle}"));
        return Ok(None);
    }
    // What they ask for is there afterwards, whatever tool brings them.
    let root = clean_root::ensure(&current_packages()?)?;
    Ok(Some((bundles(), root)))
}
