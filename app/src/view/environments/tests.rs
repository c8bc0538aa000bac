use std::sync::Arc;
use std::time::{Duration, Instant};

use environments::{
    Abilities, EnvironmentSpec, Failure, JobSnapshot, ProviderSnapshot, Remedy, State,
};

use super::*;

/// A context with the grid's font, as the window has it.
fn context() -> egui::Context {
    let context = egui::Context::default();
    let mut fonts = egui::FontDefinitions::empty();
    let face = include_bytes!("../../../../assets/fonts/JetBrainsMono-Regular.ttf");
    let data = Arc::new(egui::FontData::from_static(face));
    fonts.font_data.insert("grid".to_owned(), data);
    for family in [egui::FontFamily::Monospace, egui::FontFamily::Proportional] {
        fonts.families.insert(family, vec!["grid".to_owned()]);
    }
    context.set_fonts(fonts);
    tokens().apply(&context);
    context
}

fn tokens() -> Tokens {
    Tokens::new(&config::theme::find("terrace-dark", None).unwrap())
}

fn provider(id: &str, title: &str, items: Vec<EnvironmentSpec>) -> ProviderSnapshot {
    ProviderSnapshot {
        id: ProviderId::new(id),
        title: title.to_owned(),
        abilities: Abilities::SHELL | Abilities::STOP,
        asking: false,
        failure: None,
        listed_at: Some(SystemTime::UNIX_EPOCH),
        asked_at: None,
        truncated: false,
        items: items.into(),
    }
}

fn environment(provider: &str, name: &str, state: State) -> EnvironmentSpec {
    let id = EnvironmentId::new(&ProviderId::new(provider), name);
    let mut env = EnvironmentSpec::new(id, name);
    env.state = state;
    env.can = Abilities::SHELL | Abilities::STOP;
    env
}

/// So many hosts, so many pods.
fn snapshot(hosts: usize, pods: usize) -> Snapshot {
    let host = |n| environment("ssh", &format!("host-{n:03}.example.com"), State::Unknown);
    let pod = |n: usize| {
        let mut env = environment("kubernetes", &format!("pod-{n:04}-7d9f8c"), State::Ready);
        env.group = Some(format!("staging / team-{}", n % 20));
        env
    };
    let providers = vec![
        provider("ssh", "SSH", (0..hosts).map(host).collect()),
        provider("kubernetes", "Kubernetes", (0..pods).map(pod).collect()),
    ];
    Snapshot {
        generation: 1,
        providers,
        jobs: Vec::new(),
    }
}

/// Lays the panel out with what is typed and pressed; returns what the user wanted.
fn frame(
    context: &egui::Context,
    panel: &mut Panel,
    events: Vec<egui::Event>,
) -> (Option<PanelEvent>, egui::FullOutput) {
    frame_in(context, panel, events, egui::vec2(1280.0, 800.0))
}

/// The same in a window of this size.
fn frame_in(
    context: &egui::Context,
    panel: &mut Panel,
    events: Vec<egui::Event>,
    size: egui::Vec2,
) -> (Option<PanelEvent>, egui::FullOutput) {
    let input = egui::RawInput {
        screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, size)),
        events,
        focused: true,
        ..egui::RawInput::default()
    };
    let mut wanted = None;
    let mut output = context.run_ui(input, |ui| {
        let shown = panel.show(&ui.ctx().clone(), &tokens());
        wanted = wanted.take().or(shown);
    });
    // There is no device that would take them.
    output.textures_delta.clear();
    (wanted, output)
}

fn key(key: Key, modifiers: Modifiers) -> egui::Event {
    egui::Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers,
    }
}

fn press(context: &egui::Context, panel: &mut Panel, pressed: Key) -> Option<PanelEvent> {
    frame(context, panel, vec![key(pressed, Modifiers::NONE)]).0
}

fn type_text(context: &egui::Context, panel: &mut Panel, text: &str) {
    frame(context, panel, vec![egui::Event::Text(text.to_owned())]);
}

fn opened(event: Option<PanelEvent>) -> Option<(String, Place)> {
    match event {
        Some(PanelEvent::Open(id, place)) => Some((id.to_string(), place)),
        _ => None,
    }
}

#[test]
fn typing_finds_and_enter_opens() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(20, 20)));
    frame(&context, &mut panel, Vec::new());
    type_text(&context, &mut panel, "team-7");
    assert_eq!(panel.rows.counts(), (1, 40));
    let wanted = press(&context, &mut panel, Key::Enter);
    let expected = ("kubernetes:pod-0007-7d9f8c".to_owned(), Place::Tab);
    assert_eq!(opened(wanted), Some(expected));
}

/// What is known before any kind has answered, and after one has.
fn asked() -> (Snapshot, Snapshot) {
    let after = snapshot(20, 20);
    let mut before = after.clone();
    for provider in &mut before.providers {
        provider.items = Arc::default();
        provider.listed_at = None;
    }
    (before, after)
}

#[test]
fn enter_before_the_answer_opens_the_first_that_is_found() {
    let context = context();
    for (modifiers, place) in [
        (Modifiers::NONE, Place::Tab),
        (Modifiers::CTRL, Place::Right),
    ] {
        let (before, after) = asked();
        let mut panel = Panel::new(Arc::new(before));
        frame(&context, &mut panel, Vec::new());
        type_text(&context, &mut panel, "host-01");
        let (wanted, _) = frame(&context, &mut panel, vec![key(Key::Enter, modifiers)]);
        assert_eq!(wanted, None);
        assert_eq!(panel.pending, Some(place));
        panel.set_snapshot(Arc::new(after));
        let (wanted, _) = frame(&context, &mut panel, Vec::new());
        let expected = ("ssh:host-010.example.com".to_owned(), place);
        assert_eq!(opened(wanted), Some(expected));
        assert_eq!(panel.pending, None);
    }
}

#[test]
fn enter_waits_only_while_something_may_come_and_nothing_else_is_done() {
    let context = context();
    let (before, after) = asked();
    let mut panel = Panel::new(Arc::new(before.clone()));
    frame(&context, &mut panel, Vec::new());
    press(&context, &mut panel, Key::Enter);
    assert_eq!(panel.pending, None, "nothing is looked for");
    type_text(&context, &mut panel, "host-01");
    press(&context, &mut panel, Key::Enter);
    type_text(&context, &mut panel, "5");
    assert_eq!(panel.pending, None, "another is looked for");
    press(&context, &mut panel, Key::Enter);
    press(&context, &mut panel, Key::Escape);
    assert_eq!(panel.pending, None, "it is called off");
    type_text(&context, &mut panel, "nobody");
    press(&context, &mut panel, Key::Enter);
    assert_eq!(panel.pending, Some(Place::Tab));
    panel.set_snapshot(Arc::new(after));
    let (wanted, _) = frame(&context, &mut panel, Vec::new());
    assert_eq!((wanted, panel.pending), (None, None), "there is none");
}

#[test]
fn what_could_not_be_integrated_can_be_tried_again() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(2, 0)));
    panel.set_plain(vec!["ssh:host-001.example.com".to_owned()]);
    let offered = |panel: &Panel| match &panel.page {
        Page::Menu { choices, .. } => choices
            .iter()
            .find(|choice| {
                matches!(
                    &choice.does,
                    menu::Does::Event(PanelEvent::OpenIntegrated(_))
                )
            })
            .cloned(),
        _ => None,
    };
    press(&context, &mut panel, Key::Tab);
    assert_eq!(offered(&panel), None);
    press(&context, &mut panel, Key::Escape);
    press(&context, &mut panel, Key::ArrowDown);
    press(&context, &mut panel, Key::Tab);
    assert!(offered(&panel).is_some());
}

#[test]
fn a_modifier_opens_a_split() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(2, 0)));
    for (modifiers, place) in [
        (Modifiers::CTRL, Place::Right),
        (Modifiers::ALT, Place::Below),
    ] {
        let (wanted, _) = frame(&context, &mut panel, vec![key(Key::Enter, modifiers)]);
        let expected = ("ssh:host-000.example.com".to_owned(), place);
        assert_eq!(opened(wanted), Some(expected));
    }
}

#[test]
fn a_click_does_what_the_keys_do() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(1, 0)));
    frame(&context, &mut panel, Vec::new());
    let mut click = |button, modifiers| {
        // The only row is somewhere below the field and the heading.
        (100_u16..300).step_by(13).find_map(|y| {
            let pos = egui::pos2(640.0, f32::from(y));
            let press = |pressed| egui::Event::PointerButton {
                pos,
                button,
                pressed,
                modifiers,
            };
            let held = egui::Event::ModifiersChanged(modifiers);
            frame(
                &context,
                &mut panel,
                vec![held, egui::Event::PointerMoved(pos)],
            );
            frame(&context, &mut panel, vec![press(true)]);
            let (wanted, _) = frame(&context, &mut panel, vec![press(false)]);
            let menu = matches!(panel.page, Page::Menu { .. });
            panel.page = Page::List;
            (menu || wanted.is_some()).then_some((menu, opened(wanted)))
        })
    };
    let host = |place| Some((false, Some(("ssh:host-000.example.com".to_owned(), place))));
    let (left, none) = (egui::PointerButton::Primary, Modifiers::NONE);
    assert_eq!(click(left, none), host(Place::Tab));
    assert_eq!(click(left, Modifiers::CTRL), host(Place::Right));
    assert_eq!(click(left, Modifiers::ALT), host(Place::Below));
    let right = egui::PointerButton::Secondary;
    assert_eq!(click(right, none), Some((true, None)));
}

#[test]
fn the_ends_are_reached_by_keys_and_joined() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(20, 20)));
    frame(&context, &mut panel, Vec::new());
    let first = panel.rows.chosen();
    for (pressed, at_end) in [
        (Key::End, true),
        (Key::ArrowDown, false),
        (Key::ArrowUp, true),
        (Key::Home, false),
        (Key::ArrowUp, true),
    ] {
        press(&context, &mut panel, pressed);
        let last = panel.rows.rows().len() - 1;
        let expected = if at_end { last } else { first };
        assert_eq!(panel.rows.chosen(), expected, "{pressed:?}");
    }
    // In a text they move the cursor, but for those with Ctrl.
    type_text(&context, &mut panel, "host");
    let best = panel.rows.chosen();
    press(&context, &mut panel, Key::End);
    assert_eq!(panel.rows.chosen(), best);
    frame(&context, &mut panel, vec![key(Key::End, Modifiers::CTRL)]);
    assert_eq!(panel.rows.chosen(), panel.rows.rows().len() - 1);
}

#[test]
fn the_menu_fits_into_a_small_window() {
    let context = context();
    let mut env = environment("docker", "web", State::Ready);
    env.can = Abilities::SHELL
        | Abilities::STOP
        | Abilities::FORWARD
        | Abilities::DEBUG
        | Abilities::LOGS
        | Abilities::DISCARD;
    let snapshot = Snapshot {
        generation: 1,
        providers: vec![provider("docker", "Docker", vec![env])],
        jobs: Vec::new(),
    };
    let mut panel = Panel::new(Arc::new(snapshot));
    let size = egui::vec2(320.0, 200.0);
    let shown = |panel: &mut Panel, pressed: Key| {
        frame_in(&context, panel, vec![key(pressed, Modifiers::NONE)], size);
        for _ in 0..2 {
            frame_in(&context, panel, Vec::new(), size);
        }
        let (_, output) = frame_in(&context, panel, Vec::new(), size);
        let texts = output.shapes.into_iter().filter_map(|one| match one.shape {
            egui::Shape::Text(text) if one.clip_rect.contains(text.pos) => {
                Some((text.galley.job.text.clone(), text.visual_bounding_rect()))
            }
            _ => None,
        });
        texts.collect::<Vec<_>>()
    };
    let has = |texts: &[(String, Rect)], wanted: &str| {
        let mut all = texts.iter();
        all.any(|(text, place)| text == wanted && place.bottom() <= size.y)
    };
    frame_in(&context, &mut panel, Vec::new(), size);
    let texts = shown(&mut panel, Key::Tab);
    assert!(
        has(&texts, "Open in a tab") && !has(&texts, "Discard …"),
        "{texts:?}"
    );
    let texts = shown(&mut panel, Key::End);
    assert!(
        !has(&texts, "Open in a tab") && has(&texts, "Discard …"),
        "{texts:?}"
    );
    assert!(
        texts
            .iter()
            .any(|(text, place)| text.starts_with("Enter") && place.bottom() <= size.y)
    );
    // A note is not written over what it is about.
    let texts = shown(&mut panel, Key::ArrowUp);
    let texts: Vec<_> = texts
        .into_iter()
        .chain(shown(&mut panel, Key::ArrowUp))
        .collect();
    let helper = |(text, _): &&(String, Rect)| text.starts_with("Open a helper");
    let note = |(text, _): &&(String, Rect)| text.starts_with("for one");
    if let (Some((_, label)), Some((_, note))) =
        (texts.iter().find(helper), texts.iter().find(note))
    {
        assert!(label.right() < note.left(), "{label:?} {note:?}");
    }
}

#[test]
fn what_is_known_of_an_environment_is_found() {
    let context = context();
    let web = environment("docker", "web", State::Ready).with_detail("image", "nginx:1.27");
    let other = environment("docker", "cache", State::Ready).with_detail("image", "redis:7");
    let snapshot = Snapshot {
        generation: 1,
        providers: vec![provider("docker", "Docker", vec![other, web])],
        jobs: Vec::new(),
    };
    let mut panel = Panel::new(Arc::new(snapshot));
    type_text(&context, &mut panel, "nginx");
    let wanted = press(&context, &mut panel, Key::Enter);
    assert_eq!(opened(wanted), Some(("docker:web".to_owned(), Place::Tab)));
}

#[test]
fn the_chosen_one_stays_chosen_when_the_list_changes() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(10, 0)));
    for _ in 0..3 {
        press(&context, &mut panel, Key::ArrowDown);
    }
    let name = panel.rows.chosen_item().unwrap().name.clone();
    assert_eq!(name, "host-003.example.com");
    let mut more = snapshot(10, 0);
    let mut hosts: Vec<EnvironmentSpec> = more.providers[0].items.to_vec();
    hosts.insert(0, environment("ssh", "aaa", State::Ready));
    more.providers[0].items = hosts.into();
    panel.set_snapshot(Arc::new(more));
    assert_eq!(panel.rows.chosen_item().unwrap().name, name);
}

#[test]
fn the_first_is_chosen_until_the_user_chooses() {
    let mut panel = Panel::new(Arc::new(snapshot(0, 3)));
    assert_eq!(
        panel.rows.chosen_item().unwrap().id.provider.as_str(),
        "kubernetes"
    );
    panel.set_snapshot(Arc::new(snapshot(3, 3)));
    assert_eq!(
        panel.rows.chosen_item().unwrap().id.provider.as_str(),
        "ssh"
    );
}

#[test]
fn letters_may_have_gaps_in_names_and_nowhere_else() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(3, 3)));
    frame(&context, &mut panel, Vec::new());
    type_text(&context, &mut panel, "h2ex");
    assert_eq!(panel.rows.counts(), (1, 6));
    assert_eq!(panel.rows.letters(0, 2), [0, 7, 9, 10]);
    press(&context, &mut panel, Key::Escape);
    type_text(&context, &mut panel, "stgng");
    assert_eq!(panel.rows.counts(), (0, 6));
    press(&context, &mut panel, Key::Escape);
    type_text(&context, &mut panel, "pod staging");
    assert_eq!(panel.rows.counts(), (3, 6));
}

#[test]
fn presses_between_two_frames_all_count() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(10, 0)));
    frame(&context, &mut panel, Vec::new());
    let down = || key(Key::ArrowDown, Modifiers::NONE);
    frame(&context, &mut panel, vec![down(), down(), down()]);
    assert_eq!(
        panel.rows.chosen_item().unwrap().name,
        "host-003.example.com"
    );
}

#[test]
fn presses_between_two_frames_keep_their_order() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(2, 0)));
    frame(&context, &mut panel, Vec::new());
    let keys = [Key::ArrowDown, Key::Tab, Key::ArrowDown, Key::Enter];
    let keys = keys.map(|one| key(one, Modifiers::NONE)).to_vec();
    let (wanted, _) = frame(&context, &mut panel, keys);
    let expected = ("ssh:host-001.example.com".to_owned(), Place::Right);
    assert_eq!(opened(wanted), Some(expected));
}

#[test]
fn only_what_is_to_be_seen_is_drawn_again() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(2, 2)));
    frame(&context, &mut panel, Vec::new());
    let mut asking = snapshot(2, 2);
    asking.generation = 2;
    for provider in &mut asking.providers {
        provider.asking = true;
        provider.asked_at = Some(SystemTime::UNIX_EPOCH);
    }
    assert!(
        !panel.set_snapshot(Arc::new(asking.clone())),
        "asked again by itself"
    );
    assert!(!panel.rows.awaits());
    let refresh = vec![key(Key::R, Modifiers::CTRL)];
    let (wanted, _) = frame(&context, &mut panel, refresh);
    assert_eq!(wanted, Some(PanelEvent::Refresh));
    assert!(panel.rows.awaits(), "asked by the user");
    for provider in &mut asking.providers {
        provider.asked_at = Some(SystemTime::now());
    }
    assert!(
        panel.set_snapshot(Arc::new(asking.clone())),
        "all have answered"
    );
    assert!(!panel.rows.awaits());
    asking.providers[0].items = vec![environment("ssh", "other", State::Ready)].into();
    assert!(panel.set_snapshot(Arc::new(asking)));
}

#[test]
fn escape_clears_then_closes() {
    let context = context();
    let mut panel = Panel::new(Arc::new(snapshot(3, 3)));
    frame(&context, &mut panel, Vec::new());
    type_text(&context, &mut panel, "pod");
    assert_eq!(press(&context, &mut panel, Key::Escape), None);
    assert_eq!(panel.rows.counts(), (6, 6));
    assert_eq!(
        press(&context, &mut panel, Key::Escape),
        Some(PanelEvent::Close)
    );
}

#[test]
fn a_provider_that_failed_is_one_line_with_its_remedy() {
    let context = context();
    let mut known = snapshot(1, 0);
    let mut gh = provider("codespaces", "GitHub Codespaces", Vec::new());
    gh.failure = Some(Failure::LoggedOut {
        remedy: Remedy::run(["gh", "auth", "login"]),
    });
    let mut coder = provider("coder", "Coder", Vec::new());
    coder.failure = Some(Failure::Missing {
        program: "coder".to_owned(),
        remedy: Remedy::say("install it"),
    });
    let mut aws = provider("aws-ec2", "AWS EC2", Vec::new());
    aws.failure = Some(Failure::NotSetUp {
        said: "no credentials".to_owned(),
        remedy: Remedy::run(["aws", "configure"]),
    });
    known.providers.extend([gh, coder, aws]);
    let mut panel = Panel::new(Arc::new(known));
    let expected = [
        Row::Head {
            provider: 0,
            count: 1,
        },
        Row::Item {
            provider: 0,
            item: 0,
        },
        Row::Quiet { provider: 2 },
        Row::Missing,
    ];
    assert_eq!(panel.rows.rows(), expected.as_slice());
    let (said, remedy) = text::quiet(&panel.rows.snapshot().providers[2]);
    assert_eq!(said, "GitHub Codespaces: not logged in");
    assert_eq!(remedy, "gh auth login");
    press(&context, &mut panel, Key::ArrowDown);
    let wanted = press(&context, &mut panel, Key::Enter);
    let login = ["gh", "auth", "login"]
        .map(std::ffi::OsString::from)
        .to_vec();
    assert_eq!(wanted, Some(PanelEvent::Run(login)));
    // What is not installed is listed on demand.
    press(&context, &mut panel, Key::ArrowDown);
    assert_eq!(press(&context, &mut panel, Key::Enter), None);
    assert_eq!(panel.rows.rows().len(), 6);
}

#[test]
fn what_the_settings_say_it_costs_has_a_column() {
    let mut rows = Rows::default();
    rows.set_snapshot(Arc::new(snapshot(2, 2)));
    assert!(!rows.columns().cost);
    let name = environments::rules::Pattern::parse("host-001*").unwrap();
    rows.set_rules(vec![Rule {
        patterns: vec![("name".to_owned(), name)],
        look: environments::rules::Look {
            cost: Some(0.5),
            ..Default::default()
        },
    }]);
    assert!(rows.columns().cost);
    let env = environment("ssh", "host-001.example.com", State::Ready);
    let price = rows.look(&env).cost;
    let text = text::facts(&env, price, SystemTime::UNIX_EPOCH, rows.columns());
    assert_eq!(text, "0.50/h");
}

#[test]
fn only_what_can_be_done_is_offered() {
    let known = snapshot(1, 0);
    let labels = |env: &EnvironmentSpec, jobs: &[JobSnapshot]| {
        let choices = menu::of_item(env, &known.providers[0], jobs, false);
        choices
            .into_iter()
            .map(|choice| choice.label)
            .collect::<Vec<String>>()
    };
    let mut env = environment("ssh", "a", State::Ready);
    assert_eq!(
        labels(&env, &[]),
        [
            "Open in a tab",
            "Open right of this pane",
            "Open below this pane",
            "Stop",
            "Copy the connection command"
        ]
    );
    env.can = Abilities::START | Abilities::DISCARD;
    assert_eq!(
        labels(&env, &[]),
        [
            "Open in a tab",
            "Open right of this pane",
            "Open below this pane",
            "Start",
            "Discard …"
        ]
    );
    env.can = Abilities::none();
    let forward = JobSnapshot {
        ticket: Ticket(1),
        env: Some(env.id.clone()),
        what: "forward",
        since: SystemTime::UNIX_EPOCH,
        forward: Some((18080, 8080)),
    };
    assert_eq!(
        labels(&env, &[forward]),
        ["Open port 8080", "End the forward of port 8080"]
    );
}

#[test]
fn a_form_asks_for_what_is_missing() {
    let context = context();
    let id = ProviderId::new("codespaces");
    let mut panel = Panel::new(Arc::new(snapshot(1, 0)));
    panel.page = Page::Form(Form::create(id.clone(), "GitHub Codespaces"));
    assert_eq!(
        press(&context, &mut panel, Key::Enter),
        None,
        "still asking"
    );
    let mut machine = Parameter::text("machine", "Machine");
    machine.choices = environments::Choices::Fixed(vec![
        ("small".to_owned(), "2 cores".to_owned()),
        ("large".to_owned(), "8 cores".to_owned()),
    ]);
    let parameters = vec![
        Parameter::text("repo", "Repository"),
        machine,
        Parameter::text("branch", "Branch").optional(),
    ];
    panel.set_parameters(&id, parameters);
    frame(&context, &mut panel, Vec::new());
    assert_eq!(
        press(&context, &mut panel, Key::Enter),
        None,
        "the repository is empty"
    );
    type_text(&context, &mut panel, "acme/pay");
    press(&context, &mut panel, Key::Tab);
    press(&context, &mut panel, Key::ArrowDown);
    let wanted = press(&context, &mut panel, Key::Enter);
    let values = [("repo", "acme/pay"), ("machine", "large"), ("branch", "")];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(
        wanted,
        Some(PanelEvent::Create(id, values.into_iter().collect()))
    );
}

/// All of it is typed before the tool has said what it asks for, and before the next layout.
#[test]
fn what_is_typed_ahead_reaches_its_fields_in_turn() {
    let context = context();
    let mut known = snapshot(1, 0);
    known.providers[0].abilities = Abilities::CREATE;
    let env = environment("ssh", "host-000.example.com", State::Ready);
    known.providers[0].items = vec![EnvironmentSpec {
        can: Abilities::none(),
        ..env
    }]
    .into();
    let mut panel = Panel::new(Arc::new(known));
    frame(&context, &mut panel, Vec::new());
    let typed = |text: &str| egui::Event::Text(text.to_owned());
    let pressed = |one| key(one, Modifiers::NONE);
    let events = vec![
        pressed(Key::Tab),
        pressed(Key::Enter),
        typed("gull"),
        pressed(Key::Tab),
        pressed(Key::ArrowDown),
        pressed(Key::Enter),
    ];
    let (wanted, _) = frame(&context, &mut panel, events);
    let provider = ProviderId::new("ssh");
    let asked = PanelEvent::AskParameters(provider.clone(), Values::new());
    assert_eq!(wanted, Some(asked));
    for _ in 0..3 {
        assert_eq!(frame(&context, &mut panel, Vec::new()).0, None);
    }
    let name = Parameter::text("name", "Name").default("swan");
    let mut wood = Parameter::text("wood", "Wood");
    wood.choices = environments::Choices::Fixed(
        ["oak", "teak"]
            .map(|wood| (wood.to_owned(), wood.to_owned()))
            .to_vec(),
    );
    panel.set_parameters(&provider, vec![name, wood]);
    let wanted = (0..5).find_map(|_| frame(&context, &mut panel, Vec::new()).0);
    let values = [("name", "gull"), ("wood", "teak")];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(
        wanted,
        Some(PanelEvent::Create(provider, values.into_iter().collect()))
    );
}

#[test]
fn what_can_be_chosen_follows_the_fields_before() {
    let context = context();
    let id = ProviderId::new("codespaces");
    let mut panel = Panel::new(Arc::new(snapshot(1, 0)));
    panel.page = Page::Form(Form::create(id.clone(), "Codespaces"));
    let parameters = |repo: &str, machines: &[&str]| {
        let machines = machines
            .iter()
            .map(|one| ((*one).to_owned(), (*one).to_owned()));
        let mut machine = Parameter::text("machine", "Machine");
        machine.choices = environments::Choices::Fixed(machines.collect());
        machine.follows = vec!["repo".to_owned()];
        vec![Parameter::text("repo", "Repository").default(repo), machine]
    };
    panel.set_parameters(&id, parameters("", &["small", "large"]));
    frame(&context, &mut panel, Vec::new());
    assert_eq!(press(&context, &mut panel, Key::Enter), None, "it is empty");
    // With another repository its machines are asked for first.
    type_text(&context, &mut panel, "a/b");
    let values = |repo: &str, machine: &str| -> Values {
        let pairs = [("repo", repo), ("machine", machine)];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        pairs.into_iter().collect()
    };
    assert_eq!(
        press(&context, &mut panel, Key::Tab),
        Some(PanelEvent::AskParameters(
            id.clone(),
            values("a/b", "small")
        ))
    );
    panel.set_parameters(&id, parameters("", &["huge"]));
    assert_eq!(
        press(&context, &mut panel, Key::Enter),
        Some(PanelEvent::Create(id, values("a/b", "huge")))
    );
}

#[test]
fn an_environment_is_chosen_for_a_purpose() {
    let context = context();
    let mut panel = Panel::choosing(Arc::new(snapshot(2, 0)), "Run here and in …".to_owned());
    frame(&context, &mut panel, Vec::new());
    assert_eq!(
        press(&context, &mut panel, Key::Tab),
        None,
        "nothing else is done"
    );
    type_text(&context, &mut panel, "host-001");
    let id = EnvironmentId::new(&ProviderId::new("ssh"), "host-001.example.com");
    assert_eq!(
        press(&context, &mut panel, Key::Enter),
        Some(PanelEvent::Chosen(id))
    );
}

#[test]
fn the_first_of_two_can_be_chosen_before_the_second() {
    let context = context();
    let mut panel = Panel::choosing_two(Arc::new(snapshot(2, 0)), "Run here and in …".to_owned());
    frame(&context, &mut panel, Vec::new());
    type_text(&context, &mut panel, "host-001");
    let first = vec![key(Key::Enter, Modifiers::CTRL)];
    let (wanted, _) = frame(&context, &mut panel, first);
    let id = |n| EnvironmentId::new(&ProviderId::new("ssh"), format!("host-00{n}.example.com"));
    assert_eq!(wanted, Some(PanelEvent::ChosenFirst(id(1))));
    panel.choose_second("Run in host-001 and in …".to_owned());
    assert_eq!(panel.rows.counts(), (2, 2), "all are offered again");
    type_text(&context, &mut panel, "host-000");
    assert_eq!(
        press(&context, &mut panel, Key::Enter),
        Some(PanelEvent::Chosen(id(0)))
    );
}

#[test]
fn a_port_is_a_number() {
    let context = context();
    let id = EnvironmentId::new(&ProviderId::new("ssh"), "a");
    let mut panel = Panel::new(Arc::new(snapshot(1, 0)));
    panel.page = Page::Form(Form::port(id.clone(), "a"));
    frame(&context, &mut panel, Vec::new());
    type_text(&context, &mut panel, "x");
    assert_eq!(press(&context, &mut panel, Key::Enter), None);
    press(&context, &mut panel, Key::Backspace);
    type_text(&context, &mut panel, "8080");
    assert_eq!(
        press(&context, &mut panel, Key::Enter),
        Some(PanelEvent::Forward(id, 8080))
    );
}

#[test]
fn known_ports_can_be_chosen() {
    let context = context();
    let id = EnvironmentId::new(&ProviderId::new("ssh"), "a");
    let mut panel = Panel::new(Arc::new(snapshot(1, 0)));
    panel.page = Page::Form(Form::port(id.clone(), "a"));
    frame(&context, &mut panel, Vec::new());
    let mut port = Parameter::text("port", "Port over there");
    let known = [("3000", "web"), ("5432", "database")];
    let known = known.map(|(port, label)| (port.to_owned(), label.to_owned()));
    port.choices = environments::Choices::Fixed(known.to_vec());
    panel.set_parameters(&id.provider, vec![port]);
    press(&context, &mut panel, Key::ArrowDown);
    press(&context, &mut panel, Key::ArrowDown);
    assert_eq!(
        press(&context, &mut panel, Key::Enter),
        Some(PanelEvent::Forward(id, 5432))
    );
}

#[test]
fn thousands_of_rows_cost_what_is_in_view_costs() {
    let context = context();
    let shapes = |panel: &mut Panel| {
        frame(&context, panel, Vec::new());
        frame(&context, panel, Vec::new()).1.shapes.len()
    };
    let few = shapes(&mut Panel::new(Arc::new(snapshot(10, 20))));
    let known = Arc::new(snapshot(500, 2000));
    let start = Instant::now();
    let mut panel = Panel::new(known);
    let (_, output) = frame(&context, &mut panel, Vec::new());
    let _ = context.tessellate(output.shapes, output.pixels_per_point);
    let opened = start.elapsed();
    println!("opened: {opened:?}");
    let many = shapes(&mut panel);
    assert!(
        many <= few + 4,
        "{many} shapes for 2,500 rows, {few} for 30"
    );
    let measure = |panel: &mut Panel, what: &str, events: Vec<egui::Event>| {
        let start = Instant::now();
        let (_, output) = frame(&context, panel, events);
        let _ = context.tessellate(output.shapes, output.pixels_per_point);
        let took = start.elapsed();
        println!("{what}: {took:?}");
        took
    };
    let mut slowest = opened;
    for letter in ["p", "o", "d", "-", "1", "7"] {
        let typed = vec![egui::Event::Text(letter.to_owned())];
        slowest = slowest.max(measure(&mut panel, &format!("typed {letter}"), typed));
    }
    slowest = slowest.max(measure(
        &mut panel,
        "page down",
        vec![key(Key::PageDown, Modifiers::NONE)],
    ));
    // Unoptimised, on a machine that does much else: the figure that counts is in the manual's page.
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
}
