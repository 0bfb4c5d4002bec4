use domain::csv;
use serde_json::{Map, Value};

use super::Format;
use super::output::Output;

/// Rows in one of the formats. A cell is a text; what is not there is empty in CSV and `null` in JSON.
pub(super) struct Table {
    format: Format,
    columns: Vec<String>,
    output: Output,
    rows: u64,
    line: String,
}

/// What stands in one column of one row.
pub(super) enum Cell {
    None,
    Text(String),
    Number(i64),
    /// Kept as it is in JSON; its text in CSV.
    Json(Value),
}

impl Table {
    pub(super) fn begin(
        format: Format,
        columns: Vec<String>,
        mut output: Output,
    ) -> anyhow::Result<Self> {
        let mut line = String::new();
        match format {
            Format::Csv => csv::push_line(&mut line, columns.iter().map(String::as_str)),
            Format::Json => line.push('['),
        }
        output.write(&line)?;
        Ok(Self { format, columns, output, rows: 0, line })
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) -> anyhow::Result<()> {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.line.clear();
        match self.format {
            Format::Csv => {
                let texts: Vec<_> = cells.into_iter().map(Cell::text).collect();
                csv::push_line(&mut self.line, texts.iter().map(String::as_str));
            }
            Format::Json => {
                let columns = self.columns.iter().cloned();
                let object: Map<_, _> = columns.zip(cells.into_iter().map(Cell::json)).collect();
                self.line.push_str(if self.rows == 0 { "\n" } else { ",\n" });
                self.line.push_str(&Value::Object(object).to_string());
            }
        }
        self.rows += 1;
        self.output.write(&self.line)
    }

    /// Tells how many rows it has.
    pub(super) fn finish(mut self) -> anyhow::Result<u64> {
        if self.format == Format::Json {
            self.output.write("\n]\n")?;
        }
        self.output.finish()?;
        Ok(self.rows)
    }
}

impl Cell {
    pub(super) fn some(text: Option<impl ToString>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.to_string()))
    }

    fn text(self) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Json(value) => value.to_string(),
        }
    }

    fn json(self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Text(text) => Value::String(text),
            Self::Number(number) => Value::from(number),
            Self::Json(value) => value,
        }
    }
}
