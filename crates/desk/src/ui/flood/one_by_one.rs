//! Going through the calls of a span one by one: each is opened, as from the board, and the next one comes.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};

use super::{status, window_name};
use crate::{
    DeskError, FlagError,
    cases::{FLAG_DAYS, Flag},
    ui::shell::{
        Ui, aside,
        forms::{Came, answer},
        layout::not_found,
        operator::Operator,
        overview::case_path,
        said::Said,
    },
};

/// Flags the case that is left as junk, where that is asked for, and leads to the first of the span that nobody has opened.
pub(super) async fn next(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Path(name): Path<String>,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    let texts = operator.texts;
    let Some(window) = ui.windows().named(&name) else { return not_found(texts).await };
    let came = aside(move || {
        let from = fields.get("case").and_then(|address| ui.addresses().caller(address));
        if let Some(caller) = from.filter(|_| fields.get("as").is_some_and(|said| said == "junk")) {
            match operator.desk.flag(&caller, Flag::Junk, FLAG_DAYS) {
                // It has that flag already: nothing is left to do.
                Ok(_) | Err(DeskError::Flag(FlagError::Stands)) => {}
                Err(error) => {
                    // The case again, which says why it is not flagged.
                    return match Said::why_not(&error) {
                        Some(said) => {
                            let span = window_name(&ui, window);
                            Came::To(format!("{}?span={span}&said={}", case_path(&ui, &caller), said.code()))
                        }
                        None => Came::Shown(status(&error), Err(error)),
                    };
                }
            }
        }
        let first = operator
            .desk
            .arrived_within(window)
            .map(|left| left.into_iter().find(|caller| Some(*caller) != from));
        match first {
            Ok(Some(caller)) => {
                Came::To(format!("{}?span={}", case_path(&ui, &caller), window_name(&ui, window)))
            }
            Ok(None) => Came::To("/flood?done=through".to_owned()),
            Err(error) => Came::Shown(status(&error), Err(error)),
        }
    });
    answer(texts, came.await).await
}
