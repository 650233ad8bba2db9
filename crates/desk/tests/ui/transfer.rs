//! Handing a case over, on the pages of whoever has it and of whoever is to have it.

use std::sync::Arc;

use axum::http::StatusCode;
use callsign_desk::{Desk, OfferAnswer, TransferError, cases::TransferTo, ui::Ui};

use crate::support::{Answer, Browser, PASSPHRASE, World, aside};

/// Both have a device, and pages of their own; the first has a case.
struct Two {
    world: World,
    osyka: Arc<Desk>,
    operator: Browser,
    path: String,
    sign: String,
}

impl Two {
    async fn start() -> Self {
        let world = World::start().await;
        let osyka = world.colleague("Osyka").await;
        let operator = world.operator().await;
        let sign = world.call(1, "a word of greeting", &[]).await;
        let path = operator.visit(&world.ui, "/").await.case_path(&sign);
        let two = Self { world, osyka, operator, path, sign };
        two.post("claim", &[]).await;
        two.in_step().await;
        two
    }

    /// Each has heard what the other did.
    async fn in_step(&self) {
        let (own, other) = (Arc::clone(&self.world.desk), Arc::clone(&self.osyka));
        aside(move || {
            for desk in [&own, &other, &own, &other] {
                desk.sync().unwrap();
                desk.flush().unwrap();
            }
            own.sync().unwrap();
        })
        .await;
    }

    async fn post(&self, form: &str, fields: &[(&str, &str)]) -> Answer {
        self.operator.post(&self.world.ui, &format!("{}/{form}", self.path), fields).await
    }

    /// What was posted is done, and the case's page.
    async fn done(&self, form: &str, fields: &[(&str, &str)]) -> String {
        let done = self.post(form, fields).await;
        assert_eq!(
            (done.status, done.location()),
            (StatusCode::SEE_OTHER, &*format!("{}?look=1", self.path)),
            "{}",
            done.body
        );
        self.page().await
    }

    async fn page(&self) -> String {
        self.operator.visit(&self.world.ui, &self.path).await.body
    }

    /// What the colleague does, which both hear of.
    async fn osyka(
        &self,
        what: impl FnOnce(&Desk, &callsign_protocol::caller_keys::CallerId) + Send + 'static,
    ) {
        self.in_step().await;
        let (desk, sign) = (Arc::clone(&self.osyka), self.sign.clone());
        aside(move || what(&desk, &desk.find(&sign).unwrap())).await;
        self.in_step().await;
    }

    /// The colleague's own browser and pages.
    async fn pages_of_osyka(&self) -> (Arc<Ui>, Browser) {
        let ui = self.world.pages_of("Osyka", &self.osyka);
        let mut browser = Browser::default();
        browser.enter(&ui).await;
        assert_eq!(browser.post(&ui, "/unlock", &[("passphrase", PASSPHRASE)]).await.location(), "/");
        (ui, browser)
    }

    fn holder(&self) -> String {
        self.world.desk.holder(&self.world.case(&self.sign)).unwrap().name
    }

    fn id_of_osyka(&self) -> String {
        self.world.desk.person_named("Osyka").unwrap().id.to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_offered_to_a_colleague_who_finds_it_under_mine_and_accepts() {
    let two = Two::start().await;
    let page = two.page().await;
    assert!(page.contains("<details id=\"transfer\" class=\"more\"><summary>Hand over</summary>"), "{page}");
    let to = two.id_of_osyka();
    assert!(page.contains(&format!("<option value=\"{to}\">Osyka</option>")), "she is there: {page}");
    let text = "she <b>knows</b> them";
    let page = two.done("transfer", &[("to", &to), ("text", text)]).await;
    assert!(
        page.contains("Offered to <bdi>Osyka</bdi>") && page.contains("she &lt;b&gt;knows&lt;/b&gt; them"),
        "{page}"
    );
    assert!(page.contains("(you)") && page.contains("Offer it no more"), "it is still theirs");
    two.in_step().await;

    let (ui, browser) = two.pages_of_osyka().await;
    let board = browser.visit(&ui, "/?mine=yes").await;
    assert!(
        board.body.contains("offered by <bdi>Custodian</bdi>") && board.body.contains("1 offered to you")
    );
    let path = board.case_path(&two.sign);
    let page = browser.visit(&ui, &path).await;
    assert!(page.body.contains("<strong>Custodian</strong> offers this case to you"), "{}", page.body);
    assert!(page.body.contains("she &lt;b&gt;knows&lt;/b&gt; them") && !page.body.contains("<b>knows"));
    assert!(!page.body.contains("id=\"ask-for\"") && !page.body.contains("id=\"transfer\""));
    let offer = page.attribute("name=\"offer\" value=\"");
    let accepted = browser.post(&ui, &format!("{path}/transfer/accept"), &[("offer", &offer)]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.body);
    assert!(browser.visit(&ui, &path).await.body.contains("Osyka (you)"));
    assert!(!browser.visit(&ui, "/?mine=yes").await.body.contains("offered by"));
    two.in_step().await;
    assert_eq!(two.holder(), "Osyka");
    let page = two.page().await;
    assert!(!page.contains("Hand over") && page.contains("Ask <bdi>Osyka</bdi> for this case"), "{page}");
    // What was taken is not offered any more.
    let late = browser.post(&ui, &format!("{path}/transfer/accept"), &[("offer", &offer)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Nothing was done: this case is not offered to you any more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refuses_says_why_and_the_giver_reads_it() {
    let two = Two::start().await;
    two.done("transfer", &[("to", "operator")]).await;
    two.in_step().await;
    let (ui, browser) = two.pages_of_osyka().await;
    let path = browser.visit(&ui, "/").await.case_path(&two.sign);
    let page = browser.visit(&ui, &path).await;
    assert!(page.body.contains("offers this case to any operator"), "{}", page.body);
    let offer = page.attribute("name=\"offer\" value=\"");
    let refuse = |text: String| {
        let (ui, browser, path, offer) = (Arc::clone(&ui), browser.clone(), path.clone(), offer.clone());
        async move {
            browser.post(&ui, &format!("{path}/transfer/refuse"), &[("offer", &offer), ("text", &text)]).await
        }
    };
    // What was typed comes back where it is refused.
    let long = "x".repeat(301);
    let refused = refuse(long.clone()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains(&format!("value=\"{long}\""))
            && refused.body.contains("id=\"refuse-offer\" class=\"more\" open")
    );
    assert_eq!(refuse("I have <i>two</i>".to_owned()).await.status, StatusCode::SEE_OTHER);
    let page = browser.visit(&ui, &path).await;
    assert!(!page.body.contains("Accept") && page.body.contains("Ask <bdi>Custodian</bdi> for this case"));
    two.in_step().await;
    let page = two.page().await;
    assert!(
        page.contains("<strong>Osyka</strong> does not take this case")
            && page.contains("I have &lt;i&gt;two&lt;/i&gt;"),
        "{page}"
    );
    assert!(page.contains("(you)") && page.contains("Offer it no more"), "others may still take it");
    let page = two.done("transfer/withdraw", &[]).await;
    assert!(!page.contains("Offer it no more") && !page.contains("does not take"));
    let twice = two.post("transfer/withdraw", &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.body.contains("you offer this case to nobody"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_who_accepts_and_a_giver_who_takes_it_back_the_first_counts() {
    let two = Two::start().await;
    two.done("transfer", &[("to", "anyone")]).await;
    two.in_step().await;
    // She knows nothing of it yet.
    two.done("transfer/withdraw", &[]).await;
    let (desk, osyka, sign) = (Arc::clone(&two.world.desk), Arc::clone(&two.osyka), two.sign.clone());
    aside(move || {
        desk.flush().unwrap();
        osyka.answer_transfer(&osyka.find(&sign).unwrap(), None, OfferAnswer::Taken, None).unwrap();
    })
    .await;
    two.in_step().await;
    assert_eq!(two.holder(), "Custodian");
    let (ui, browser) = two.pages_of_osyka().await;
    let board = browser.visit(&ui, "/").await;
    assert!(!board.body.contains("offered by"), "{}", board.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_a_colleagues_case_asks_for_it() {
    let two = Two::start().await;
    two.osyka(|desk, caller| {
        desk.ask_for_case(caller, Some("I <u>know</u> them")).unwrap();
        // What is not theirs they offer to nobody.
        assert!(desk.offer_case(caller, TransferTo::Anyone, None).is_err());
    })
    .await;
    let page = two.page().await;
    assert!(
        page.contains("<strong>Osyka</strong> asks for this case")
            && page.contains("I &lt;u&gt;know&lt;/u&gt; them"),
        "{page}"
    );
    let (ui, browser) = two.pages_of_osyka().await;
    let path = browser.visit(&ui, "/").await.case_path(&two.sign);
    assert!(browser.visit(&ui, &path).await.body.contains("You have asked Custodian for this case."));
    let own = two.post("transfer/ask", &[]).await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    assert!(own.body.contains("you have this case already"));
    assert_eq!(two.holder(), "Custodian");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_offered_to_nobody_is_not_offered_and_what_was_typed_comes_back() {
    let two = Two::start().await;
    let me = two.world.desk.me().unwrap().to_string();
    for (to, status, says) in [
        ("", StatusCode::UNPROCESSABLE_ENTITY, "nobody is chosen"),
        ("everybody", StatusCode::UNPROCESSABLE_ENTITY, "nobody is chosen"),
        ("AAAAAAAAAAAAAAAAAAAAAA", StatusCode::CONFLICT, "takes no cases"),
        (&*me, StatusCode::CONFLICT, "somebody else"),
    ] {
        let refused = two.post("transfer", &[("to", to), ("text", "my shift \"ends\"")]).await;
        assert_eq!(refused.status, status, "{to}");
        assert!(refused.body.contains(says) && refused.body.contains("id=\"transfer\" class=\"more\" open"));
        assert!(refused.body.contains("value=\"my shift &quot;ends&quot;\""), "{}", refused.body);
    }
    let lines = two.post("transfer", &[("to", "leader"), ("text", "two\nlines")]).await;
    assert_eq!(lines.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lines.body.contains("<option value=\"leader\" selected>"), "{}", lines.body);
    assert!(lines.body.contains(&format!("Nothing was done: {}", TransferError::Line)));
    assert!(two.world.case(&two.sign).offer().is_none());
    // What is only asked for by its address does nothing.
    let asked = two.operator.visit(&two.world.ui, &format!("{}/transfer", two.path)).await;
    assert_eq!((asked.status, asked.location()), (StatusCode::SEE_OTHER, &*format!("{}?look=1", two.path)));
    // Nor does anything stand in the way of a case that nobody has.
    two.post("release", &[]).await;
    let page = two.page().await;
    assert!(!page.contains("Hand over") && !page.contains("id=\"ask-for\""));
    let free = two.post("transfer/ask", &[]).await;
    assert!(free.status == StatusCode::CONFLICT && free.body.contains("nobody has this case"));
}
