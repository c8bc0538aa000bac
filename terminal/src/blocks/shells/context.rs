//! What shells say of themselves: keys, folders, hosts.

use std::sync::Arc;

use crate::blocks::mark::Fields;
use crate::blocks::{BlockEvent, Context, ShellId};
use crate::limits::MAX_SHELL_KEYS;
use crate::terminal::Origin;
use crate::terminal::state::State;

impl State {
    /// The text of the command that starts next, by OSC 633;E.
    pub(crate) fn say_command(&mut self, text: String) {
        if !self.blocks.shells.is_verified() {
            self.blocks.shells.said = Some(text);
        }
    }

    /// OSC 8377;key: the shell that was expected says its key.
    pub(crate) fn introduce_shell(&mut self, word: &[u8], nonce: &[u8]) {
        if let Some(key) = self.blocks.shells.introduced(word, nonce) {
            self.effects.shell(key);
        }
    }

    /// OSC 8377;ctx: believed only with a proof that is not older than the shell's last prompt.
    pub(crate) fn set_context(&mut self, fields: &Fields<'_>) {
        let shells = &self.blocks.shells;
        let Some((key, proof)) = fields
            .proof()
            .and_then(|proof| Some((shells.verify(proof)?, proof)))
        else {
            return;
        };
        let shell = shells.stack.iter().find(|shell| shell.key == Some(key));
        if shell.is_some_and(|shell| proof.cycle <= shell.cycle) {
            return;
        }
        let (id, origin) = (shells.keys[key].1, shells.keys[key].0.origin);
        if shells.said_before(id, fields) {
            return;
        }
        let old = shells.context(id);
        let new = old.updated(fields);
        self.blocks.shells.remember_said(id, fields);
        // In a pane that runs elsewhere it is text, and where the next shell over there begins; a nested shell
        // elsewhere does not move a pane on this machine.
        let own = origin == Origin::Local || self.options.origin == Origin::Remote;
        if own && let Some(cwd) = &new.cwd {
            self.believe_folder(cwd.clone());
        }
        if *old != new {
            self.put_context(id, new);
        }
    }

    fn put_context(&mut self, id: ShellId, context: Context) {
        let context = Arc::new(context);
        let shells = &mut self.blocks.shells;
        match shells.contexts.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known = Arc::clone(&context),
            None => {
                if shells.contexts.len() == MAX_SHELL_KEYS {
                    shells.contexts.remove(0);
                }
                shells.contexts.push((id, Arc::clone(&context)));
            }
        }
        self.effects.block(BlockEvent::ContextChanged(context));
    }

    /// A folder that a program named without proof (OSC 7 and its kin): where a shell proves its own it is not
    /// taken. Returns whether it may be.
    pub(crate) fn take_folder(&mut self, path: &str) -> bool {
        let shells = &mut self.blocks.shells;
        let Some(shell) = shells.stack.last() else {
            shells.plain = Arc::new(shells.plain.in_folder(path.to_owned()));
            return true;
        };
        if shell.key.is_some() {
            return false;
        }
        shells.plain = Arc::new(shells.plain.in_folder(path.to_owned()));
        let context = Arc::clone(&shells.plain);
        if let Some(index) = shells.stack.len().checked_sub(1)
            && let Some(prompt) = self.prompt(index)
        {
            prompt.block.context = context;
        }
        true
    }

    /// Where the program's user, host and such are by iTerm2's word (OSC 1337;RemoteHost): shown, not believed.
    pub(crate) fn claim_host(&mut self, user: &str, host: &str) {
        let shells = &mut self.blocks.shells;
        shells.plain = Arc::new(Context {
            user: user.to_owned(),
            host: host.to_owned(),
            ..(*shells.plain).clone()
        });
    }
}
