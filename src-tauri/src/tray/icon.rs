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

    #[cfg(target_os = "linux")]
    #[test]
    fn alpha_comes_first() {
        assert_eq!(argb(&[1, 2, 3, 4, 5, 6, 7, 8]), [4, 1, 2, 3, 8, 5, 6, 7]);
    }
}
