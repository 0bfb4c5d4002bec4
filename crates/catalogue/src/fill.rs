/// Puts values where the pattern has the characters 1, 2 and so on.
fn fill(pattern: &str, values: &[&str]) -> String {
    let mut text = String::with_capacity(pattern.len() + 16);
    for c in pattern.chars() {
        match (c as usize).checked_sub(1).and_then(|place| values.get(place)) {
            Some(value) => text.push_str(value),
            None => text.push(c),
        }
    }
    text
}
