//! Lines over named points, as SVG that reads on light and on dark ground.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 50.0;
/// Told apart by people who do not tell red from green.
const COLOURS: [&str; 4] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"];

/// How the vertical axis grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// From 0.
    Linear,
    /// By powers of ten, from the one below the smallest value.
    Logarithmic,
}

/// A plot.
pub struct Plot {
    /// What it shows.
    pub title: &'static str,
    /// What the points are.
    pub across: &'static str,
    /// Their names, at equal distances.
    pub points: Vec<String>,
    /// The vertical axis.
    pub scale: Scale,
    /// Name and values of each line, one for each point.
    pub lines: Vec<(&'static str, Vec<f64>)>,
}

impl Plot {
    /// The file.
    pub fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"13\" fill=\"#777\">\n<title>{}</title>\n",
            self.title
        );
        text(&mut svg, (LEFT, 22.0), "start", self.title);
        let (bottom, ticks) = self.ticks();
        let top = ticks.last().copied().unwrap_or(1.0);
        let height = |value: f64| {
            let share = match self.scale {
                Scale::Linear => value / top,
                Scale::Logarithmic => (value.max(bottom) / bottom).log10() / (top / bottom).log10(),
            };
            HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
        };
        for tick in ticks {
            let y = height(tick);
            let _ = writeln!(svg, "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#7774\"/>", WIDTH - RIGHT);
            text(&mut svg, (LEFT - 8.0, y + 4.0), "end", &tick_name(tick));
        }
        for (at, name) in self.points.iter().enumerate() {
            text(&mut svg, (self.x(at), HEIGHT - BOTTOM + 20.0), "middle", name);
        }
        text(&mut svg, (WIDTH / 2.0, HEIGHT - 8.0), "middle", self.across);
        for (number, ((name, values), colour)) in self.lines.iter().zip(COLOURS).enumerate() {
            self.line(&mut svg, values, colour, &height);
            let from = LEFT + 200.0 * position(number);
            let _ = writeln!(svg, "<path d=\"M{from:.1} 41h18\" stroke=\"{colour}\" stroke-width=\"3\"/>");
            text(&mut svg, (from + 24.0, 45.0), "start", name);
        }
        svg + "</svg>\n"
    }

    fn line(&self, svg: &mut String, values: &[f64], colour: &str, height: &impl Fn(f64) -> f64) {
        let mut path = String::new();
        for (at, value) in values.iter().enumerate() {
            let (x, y) = (self.x(at), height(*value));
            let _ = write!(path, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>");
        }
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
    }

    fn x(&self, at: usize) -> f64 {
        let places = position(self.points.len().max(1));
        LEFT + (position(at) + 0.5) / places * (WIDTH - LEFT - RIGHT)
    }

    /// The foot of the axis, and where lines go across, the highest last.
    fn ticks(&self) -> (f64, Vec<f64>) {
        let values =
            || self.lines.iter().flat_map(|(_, values)| values).copied().filter(|value| *value > 0.0);
        let most = values().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        match self.scale {
            Scale::Linear => {
                let step = step(most / 5.0);
                let count = (most / step).ceil();
                (0.0, (0..=10).map(f64::from).filter(|n| *n <= count).map(|n| n * step).collect())
            }
            Scale::Logarithmic => {
                let least = values().fold(most, f64::min);
                let (first, last) = (least.log10().floor(), most.log10().ceil());
                let last = if last > first { last } else { first + 1.0 };
                let powers = (0..=20).map(|n| first + f64::from(n)).take_while(|power| *power <= last);
                (10_f64.powf(first), powers.map(|power| 10_f64.powf(power)).collect())
            }
        }
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|n| n * power).into_iter().find(|step| *step >= least).unwrap_or(10.0 * power)
}

fn tick_name(tick: f64) -> String {
    if tick >= 10_000.0 { format!("{}k", tick / 1_000.0) } else { format!("{}", (tick * 1e6).round() / 1e6) }
}

fn position(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(scale: Scale, values: Vec<f64>) -> Plot {
        let points = values.iter().map(f64::to_string).collect();
        Plot { title: "t", across: "a", points, scale, lines: vec![("l", values)] }
    }

    #[test]
    fn ticks_reach_over_the_largest_value() {
        let linear = |most| plot(Scale::Linear, vec![1.0, most]).ticks().1;
        assert_eq!(linear(17_300.0), [0.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0]);
        assert_eq!(linear(5.0), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let (bottom, ticks) = plot(Scale::Logarithmic, vec![0.3, 40.0]).ticks();
        assert_eq!((tick_name(bottom), ticks.len()), ("0.1".to_owned(), 4));
        assert_eq!(tick_name(ticks[3]), "100");
        let one = plot(Scale::Logarithmic, vec![1.0]).ticks();
        assert_eq!(one.1.len(), 2, "an axis has a length");
    }

    #[test]
    fn every_value_has_a_place_in_the_picture() {
        for values in [vec![0.0, 0.0], vec![], vec![1.0, 1e9]] {
            for scale in [Scale::Linear, Scale::Logarithmic] {
                let svg = plot(scale, values.clone()).svg();
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert_eq!(svg.matches("<circle").count(), values.len());
            }
        }
    }
}
