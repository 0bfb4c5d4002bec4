//! Renders the drawings in `icons/src` into the files that the app, the tray and the installers use.
//!
//! The results are committed, so only somebody who changes a drawing needs the renderer.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    command::{answer, command, exists},
    icon_containers::{icns, ico},
    step::{note, step},
    workspace,
};

/// Below this many pixels the app icon is drawn without its tile and with fewer, thicker strokes.
const SMALL: u32 = 40;

const TRAY_STATES: &[&str] = &["live", "degraded", "down", "critical"];

/// 22 is the size of most panels, the others are for denser screens.
const TRAY_SIZES: &[u32] = &[22, 32, 48];

/// Sizes that Windows looks for in an .ico.
const ICO_SIZES: &[u32] = &[16, 24, 32, 48, 64, 128, 256];

/// The PNG types of an .icns and their sizes: plain from 128 up, and the doubled ones below.
const ICNS_TYPES: &[(&[u8; 4], u32)] = &[
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
];

pub(crate) fn render() -> Result<()> {
    if !exists("rsvg-convert") {
        bail!(
            "rsvg-convert is missing, which renders the drawings (Debian: apt-get install librsvg2-bin, \
             macOS: brew install librsvg)"
        );
    }
    let icons = workspace::root().join("icons");
    step("rendering the icons", || {
        fs::create_dir_all(icons.join("tray"))?;
        let sizes = [("32x32", 32), ("128x128", 128), ("128x128@2x", 256), ("icon", 512)];
        for (name, size) in sizes {
            fs::write(icons.join(format!("{name}.png")), app(&icons, size)?)?;
        }
        for state in TRAY_STATES {
            for size in TRAY_SIZES {
                let image = png(&icons.join(format!("src/tray-{state}.svg")), *size)?;
                fs::write(icons.join(format!("tray/{state}-{size}.png")), image)?;
            }
        }
        let images = ICO_SIZES.iter().map(|size| Ok((*size, app(&icons, *size)?)));
        fs::write(icons.join("icon.ico"), ico(&images.collect::<Result<Vec<_>>>()?))?;
        let images = ICNS_TYPES.iter().map(|(kind, size)| Ok((*kind, app(&icons, *size)?)));
        fs::write(icons.join("icon.icns"), icns(&images.collect::<Result<Vec<_>>>()?))?;
        note(&format!("written to {}", icons.display()));
        Ok(())
    })
}

fn app(icons: &Path, size: u32) -> Result<Vec<u8>> {
    let drawing = if size < SMALL { "src/app-small.svg" } else { "src/app.svg" };
    png(&icons.join(drawing), size)
}

/// A square PNG, RGBA with 8 bits each.
fn png(drawing: &Path, size: u32) -> Result<Vec<u8>> {
    let result: PathBuf = workspace::target().join("icon.png");
    fs::create_dir_all(workspace::target())?;
    let size = size.to_string();
    let mut convert = command("rsvg-convert");
    convert.args(["--width", &size, "--height", &size, "--output"]).arg(&result).arg(drawing);
    answer(&mut convert)
        .with_context(|| format!("rsvg-convert cannot render {}", drawing.display()))?;
    fs::read(&result).with_context(|| format!("{} cannot be read", result.display()))
}
