//! Opening and closing many times leaves nothing behind.

use std::time::Duration;

use crossbeam::channel::unbounded;
use environments::kinds::Local;
use environments::{EnvironmentEvent, EnvironmentId, JobEvent, Manager, ShellWish};
use tests::environments::{DEADLINE, Driver, wait_until};

/// Threads, descriptors and children of this process.
fn held() -> (usize, usize, usize) {
    let count = |folder: &str| std::fs::read_dir(folder).map_or(0, |entries| entries.count());
    let children = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let children =
        children.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    let children = children.map(|list| list.split_whitespace().count()).sum();
    (count("/proc/self/task"), count("/proc/self/fd"), children)
}

#[test]
fn a_thousand_opens_and_closes_leave_no_thread_process_or_descriptor() {
    let (tell, events) = unbounded();
    let manager = Manager::start(vec![std::sync::Arc::new(Local::new())], move |event| {
        drop(tell.send(event))
    });
    let manager = manager.expect("a thread");
    let id: EnvironmentId = "local:local".parse().expect("an id");
    let wish = ShellWish {
        command: ["sh", "-c", "read line; exit 0"].map(Into::into).to_vec(),
        ..ShellWish::default()
    };
    let once = || {
        let ticket = manager.open(id.clone(), wish.clone());
        let opened = loop {
            match events.recv_timeout(DEADLINE).expect("it goes on") {
                EnvironmentEvent::Job(one, JobEvent::Opened(opened)) if one == ticket => {
                    break opened;
                }
                EnvironmentEvent::Job(_, JobEvent::Done(done)) => panic!("{done:?}"),
                _ => {}
            }
        };
        Driver::start(opened.plan).close();
    };
    once();
    wait_until("the first to be gone", || {
        manager.snapshot().jobs.is_empty() && held().2 == 0
    });
    let before = held();
    for _ in 0..1000 {
        once();
    }
    wait_until("all to be gone", || {
        let after = held();
        after.0 <= before.0 && after.1 <= before.1 && after.2 == 0
    });
    assert!(manager.close(Duration::from_secs(60)));
}
