use tauri::image::Image;

use super::badge;
use super::model::Picture;

/// A picture in the sizes trays ask for, smallest first. Decoded when the program is built; the number of critical vaults
/// is drawn over it.
pub(super) fn images(picture: Picture) -> [Image<'static>; 3] {
    match picture {
        Picture::Live => [
            tauri::include_image!("icons/tray/live-22.png"),
            tauri::include_image!("icons/tray/live-32.png"),
            tauri::include_image!("icons/tray/live-48.png"),
        ],
        Picture::Degraded => [
            tauri::include_image!("icons/tray/degraded-22.png"),
            tauri::include_image!("icons/tray/degraded-32.png"),
            tauri::include_image!("icons/tray/degraded-48.png"),
        ],
        Picture::Down => [
            tauri::include_image!("icons/tray/down-22.png"),
            tauri::include_image!("icons/tray/down-32.png"),
            tauri::include_image!("icons/tray/down-48.png"),
        ],
        Picture::Critical { count } => [
            tauri::include_image!("icons/tray/critical-22.png"),
            tauri::include_image!("icons/tray/critical-32.png"),
            tauri::include_image!("icons/tray/critical-48.png"),
        ]
        .map(|image| {
            let (width, height) = (image.width(), image.height());
            let mut rgba = image.rgba().to_vec();
            badge::draw(&mut rgba, width, count);
            Image::new_owned(rgba, width, height)
        }),
    }
}

/// RGBA bytes as StatusNotifierItem wants them: ARGB32 in network byte order.
#[cfg(target_os = "linux")]
pub(super) fn argb(rgba: &[u8]) -> Vec<u8> {
    let (pixels, _) = rgba.as_chunks::<4>();
    pixels.iter().flat_map(|&[red, green, blue, alpha]| [alpha, red, green, blue]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_state_has_its_own_picture_in_every_size() {
        let critical = [1, 2, 10, 40].map(|count| Picture::Critical { count });
        let all = [Picture::Live, Picture::Degraded, Picture::Down].into_iter().chain(critical);
        let mut seen = HashSet::new();
        for picture in all {
            for (image, size) in images(picture).iter().zip([22, 32, 48]) {
                assert_eq!((image.width(), image.height()), (size, size), "{picture:?}");
                assert_eq!(image.rgba().len() as u32, size * size * 4);
                assert!(image.rgba().chunks(4).any(|pixel| pixel[3] == 255), "it can be seen");
                assert!(seen.insert(image.rgba().to_vec()), "{picture:?} looks like another");
            }
        }
    }

    /// Of a colour on a screen, 0 to 1.
    fn luminance(rgb: [f64; 3]) -> f64 {
        let [red, green, blue] = rgb.map(|part| match part / 255.0 {
            part if part <= 0.040_45 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Panels are dark or light, and a program is not told which.
    #[test]
    fn every_picture_stands_out_from_dark_and_light_panels() {
        let panels = [("black", 0.0), ("dark", 43.0), ("light", 235.0), ("white", 255.0)];
        let critical = Picture::Critical { count: 12 };
        for picture in [Picture::Live, Picture::Degraded, Picture::Down, critical] {
            for (image, (name, grey)) in
                images(picture).iter().flat_map(|image| panels.map(|panel| (image, panel)))
            {
                let panel = [grey; 3];
                let on_panel = |pixel: &[u8]| {
                    let alpha = f64::from(pixel[3]) / 255.0;
                    [0, 1, 2].map(|part| f64::from(pixel[part]) * alpha + grey * (1.0 - alpha))
                };
                // What graphics need to be told from what is around them.
                let seen =
                    image.rgba().chunks(4).filter(|pixel| contrast(on_panel(pixel), panel) >= 3.0);
                let share = seen.count() as f64 / f64::from(image.width() * image.height());
                assert!(share > 0.12, "{picture:?} at {} px on {name}: {share:.2}", image.width());
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn alpha_comes_first() {
        assert_eq!(argb(&[1, 2, 3, 4, 5, 6, 7, 8]), [4, 1, 2, 3, 8, 5, 6, 7]);
    }
}
