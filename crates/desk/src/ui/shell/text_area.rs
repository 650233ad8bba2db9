//! Text of forms that comes back as it was typed.

use maud::{Escaper, Markup, PreEscaped, Render, html};

/// The inside of a text area: parsers swallow a line feed at its start.
pub(in crate::ui) fn text_area_content(text: &str) -> Markup {
    PreEscaped(format!("\n{}", html! { (Exact(text)) }.into_string()))
}

/// Text of a form that comes back unchanged: parsers would make a line feed of every carriage return.
struct Exact<'a>(&'a str);

impl Render for Exact<'_> {
    fn render_to(&self, buffer: &mut String) {
        for (at, line) in self.0.split('\r').enumerate() {
            if at > 0 {
                buffer.push_str("&#13;");
            }
            // Unwrap safety: not needed, writing to a string cannot fail.
            let _ = std::fmt::Write::write_str(&mut Escaper::new(buffer), line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup_and_keeps_every_byte() {
        let markup = html! { (Exact("<script>\r\n\"&'</div>")) }.into_string();
        assert_eq!(markup, "&lt;script&gt;&#13;\n&quot;&amp;'&lt;/div&gt;");
        assert_eq!(text_area_content("\n</textarea>").into_string(), "\n\n&lt;/textarea&gt;");
    }
}
