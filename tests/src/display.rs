//! An X server without a screen (Xvfb), a window of Terrace in it, and the hands and eyes of its user:
//! xdotool, GetImage, xclip.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use x11rb::protocol::xproto::{ConnectionExt, ImageFormat};

static STARTING: Mutex<()> = Mutex::new(());

/// How long anything may take before the test fails. Software drawing on a busy machine is slow.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long a window shows the same before it counts as done with what it was doing.
const STILL_FOR: Duration = Duration::from_millis(300);

/// Asks `what` again and again until it gives an answer.
///
/// # Errors
/// When it gives none within [`PATIENCE`], or fails; `name` says what was waited for.
pub fn wait_for<T>(name: &str, mut what: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = what().with_context(|| format!("waiting for {name}"))? {
            return Ok(answer);
        }
        ensure!(
            Instant::now() < deadline,
            "{name}: not within {} s",
            PATIENCE.as_secs()
        );
        // The other side is another process that can tell us nothing; look again soon.
        thread::park_timeout(Duration::from_millis(30));
    }
}

/// A running Xvfb with a home folder of its own for what runs in it.
pub struct Display {
    _server: Server,
    name: String,
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Display {
    /// Starts an X server of 1280 × 800 pixels; `None`, with the reason printed, where one of the tools that
    /// the tests use is missing (`make test` installs them).
    ///
    /// # Errors
    /// When the tools are there but the server does not start.
    pub fn start() -> Result<Option<Self>> {
        for tool in ["Xvfb", "xdotool", "xclip"] {
            if !crate::is_installed(tool) {
                #[expect(
                    clippy::print_stderr,
                    reason = "why a test checked nothing must be seen"
                )]
                {
                    eprintln!("skipped: {tool} is not installed; run `make test`");
                }
                return Ok(None);
            }
        }
        let folder = tempfile::tempdir()?;
        for name in ["run", "config", "home"] {
            fs::create_dir(folder.path().join(name))?;
        }
        fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(0o700))?;
        // Servers that look for a free number at the same time can take each other's.
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..3 {
            let (server, name) = Server::start()?;
            if x11rb::connect(Some(&name)).is_ok() {
                return Ok(Some(Self {
                    _server: server,
                    name,
                    folder,
                    environment: Vec::new(),
                }));
            }
        }
        bail!("no X server that takes connections")
    }

    /// The server's name: `:99`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A folder for the test's files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sets an environment variable for what is started in this display from now on.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// A command in this display, with none of the user's own settings.
    pub fn command(&self, program: &str) -> Command {
        self.dress(Command::new(program))
    }

    /// The program under test, in this display.
    pub fn terrace(&self) -> Command {
        self.terrace_by(&[])
    }

    /// The program under test, run by another: that one's words.
    pub fn terrace_by(&self, runner: &[String]) -> Command {
        self.dress(run_by(runner, crate::terrace()))
    }

    fn dress(&self, mut command: Command) -> Command {
        command
            .env("DISPLAY", &self.name)
            .env("XDG_RUNTIME_DIR", self.folder().join("run"))
            .env("XDG_CONFIG_HOME", self.folder().join("config"))
            .env("HOME", self.folder().join("home"))
            .env("SHELL", "/bin/sh")
            .env("PS1", "$ ")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("ENV")
            // What is said to the desktop is no concern of the desktop that the tests run on.
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs a tool to its end and gives its output.
    ///
    /// # Errors
    /// When it does not start or fails.
    pub fn tool(&self, program: &str, args: &[&str]) -> Result<Vec<u8>> {
        let output = self.command(program).args(args).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{program} {args:?}: {}: {said}",
            output.status
        );
        Ok(output.stdout)
    }

    /// Puts text on the clipboard as another program.
    ///
    /// # Errors
    /// When xclip fails.
    pub fn set_clipboard(&self, text: &str) -> Result<()> {
        let mut owner = self
            .command("xclip")
            .args(["-selection", "clipboard", "-in"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        owner
            .stdin
            .take()
            .context("xclip takes no input")?
            .write_all(text.as_bytes())?;
        ensure!(owner.wait()?.success(), "xclip did not take the text");
        Ok(())
    }

    /// What another program would paste from `selection` (`clipboard` or `primary`).
    ///
    /// # Errors
    /// When xclip cannot be run.
    pub fn clipboard(&self, selection: &str) -> Result<String> {
        let output = self
            .command("xclip")
            .args(["-selection", selection, "-out"])
            .output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// A command run by a program; without words, by itself.
fn run_by(runner: &[String], run: Command) -> Command {
    let Some((program, words)) = runner.split_first() else {
        return run;
    };
    let mut command = Command::new(program);
    command.args(words).arg(run.get_program());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// The server's process, ended when dropped.
struct Server(Child);

impl Server {
    /// Starts a server on a free display; gives the display's name.
    fn start() -> Result<(Self, String)> {
        let child = Command::new("Xvfb")
            // Without -noreset it starts afresh, and refuses connections meanwhile, each time
            // that its last client goes.
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24"])
            .args(["-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb does not start")?;
        let mut server = Self(child);
        let stdout = server.0.stdout.take().context("Xvfb has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let number: u32 = line.trim().parse().context("Xvfb named no display")?;
        Ok((server, format!(":{number}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A window of Terrace on a [`Display`].
pub struct Window<'a> {
    display: &'a Display,
    process: Child,
    id: String,
    log: PathBuf,
}

impl<'a> Window<'a> {
    /// Opens a window with these settings and arguments, and waits until it is there with its first content.
    ///
    /// # Errors
    /// When no window appears; the text holds what Terrace said.
    pub fn open(display: &'a Display, settings: &str, args: &[&str]) -> Result<Self> {
        Self::open_by(display, &[], settings, args)
    }

    /// [`Window::open`], run by a program: its words stand before those of Terrace.
    ///
    /// # Errors
    /// When no window appears; the text holds what Terrace said.
    pub fn open_by(
        display: &'a Display,
        runner: &[String],
        settings: &str,
        args: &[&str],
    ) -> Result<Self> {
        let config = display.folder().join("terrace.toml");
        fs::write(&config, settings)?;
        let log = display.folder().join("terrace.log");
        let process = display
            .terrace_by(runner)
            .arg("--config")
            .arg(&config)
            // A test that opens two windows one after the other begins anew, unless it says otherwise.
            .args(["--option", "history.restore=\"never\""])
            .args(args)
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let mut window = Self {
            display,
            process,
            id: String::new(),
            log,
        };
        window.id = wait_for("the window", || {
            if let Some(status) = window.process.try_wait()? {
                bail!(
                    "terrace ended ({status}): {}",
                    fs::read_to_string(&window.log)?
                );
            }
            let output = display
                .command("xdotool")
                .args(["search", "--onlyvisible", "--class", "terrace"])
                .output()?;
            let found = String::from_utf8_lossy(&output.stdout);
            Ok(found.lines().next().map(str::to_owned))
        })?;
        // No window manager runs: nobody else gives the keyboard to the window.
        display.tool("xdotool", &["windowfocus", "--sync", &window.id])?;
        display.tool("xdotool", &["mousemove", "--window", &window.id, "5", "5"])?;
        Ok(window)
    }

    /// The number by which the server knows the window.
    ///
    /// # Errors
    /// When xdotool named none.
    pub fn number(&self) -> Result<u32> {
        Ok(self.id.parse()?)
    }

    /// The settings file that the window watches.
    pub fn settings_file(&self) -> PathBuf {
        self.display.folder().join("terrace.toml")
    }

    /// What Terrace wrote to its log so far.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// Types text, key by key.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn type_text(&self, text: &str) -> Result<()> {
        self.display
            .tool("xdotool", &["type", "--delay", "8", "--", text])
            .map(drop)
    }

    /// Presses keys by their X names: `ctrl+shift+c`.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn key(&self, key: &str) -> Result<()> {
        self.display
            .tool("xdotool", &["key", "--clearmodifiers", key])
            .map(drop)
    }

    /// Moves the pointer to a place in the window, in pixels, and clicks a button some times.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn click(&self, x: u32, y: u32, button: u32, times: u32) -> Result<()> {
        let (x, y) = (x.to_string(), y.to_string());
        let (button, times) = (button.to_string(), times.to_string());
        self.display
            .tool("xdotool", &["mousemove", "--window", &self.id, &x, &y])?;
        let click = ["click", "--repeat", &times, "--delay", "40", &button];
        self.display.tool("xdotool", &click).map(drop)
    }

    /// Presses the left button at one place of the window, moves the pointer to another and lets go there.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn drag(&self, from: (i32, i32), to: (i32, i32)) -> Result<()> {
        let moves = |(x, y): (i32, i32)| {
            let (x, y) = (x.to_string(), y.to_string());
            let place = ["mousemove", "--window", &self.id, "--", &x, &y];
            self.display.tool("xdotool", &place).map(drop)
        };
        moves(from)?;
        self.display.tool("xdotool", &["mousedown", "1"])?;
        // In steps, as a hand does it.
        for step in 1..=8 {
            let between = |a: i32, b: i32| a + (b - a) * step / 8;
            moves((between(from.0, to.0), between(from.1, to.1)))?;
        }
        self.display.tool("xdotool", &["mouseup", "1"]).map(drop)
    }

    /// Every window that the process shows, by the number that the system gave it.
    ///
    /// # Errors
    /// When xdotool cannot be run.
    pub fn all(&self) -> Result<Vec<String>> {
        let output = self
            .display
            .command("xdotool")
            .args(["search", "--onlyvisible", "--class", "terrace"])
            .output()?;
        let found = String::from_utf8_lossy(&output.stdout);
        Ok(found.lines().map(str::to_owned).collect())
    }

    /// Makes another window of the process the one that is looked at and typed into.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn turn_to(&mut self, id: &str) -> Result<()> {
        id.clone_into(&mut self.id);
        self.display
            .tool("xdotool", &["windowfocus", "--sync", id])
            .map(drop)
    }

    /// Takes the keyboard from the window, as when the user turns to another.
    ///
    /// # Errors
    /// When the server does not do it.
    pub fn unfocus(&self) -> Result<()> {
        let (connection, _) = x11rb::connect(Some(&self.display.name))?;
        let nowhere = x11rb::protocol::xproto::InputFocus::NONE;
        connection
            .set_input_focus(nowhere, x11rb::NONE, x11rb::CURRENT_TIME)?
            .check()?;
        Ok(())
    }

    /// Asks the system to give the window another size, in pixels.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let (width, height) = (width.to_string(), height.to_string());
        self.display
            .tool("xdotool", &["windowsize", &self.id, &width, &height])
            .map(drop)
    }

    /// The title as the window system has it.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn title(&self) -> Result<String> {
        let name = self.display.tool("xdotool", &["getwindowname", &self.id])?;
        Ok(String::from_utf8_lossy(&name).trim_end().to_owned())
    }

    /// The window's pixels.
    ///
    /// # Errors
    /// When no picture can be taken.
    pub fn picture(&self) -> Result<Picture> {
        // Asked of the server directly: screenshot programs grab it, and hang when the window goes meanwhile.
        let (connection, _) = x11rb::connect(Some(&self.display.name))?;
        let window = self.id.parse()?;
        let size = connection.get_geometry(window)?.reply()?;
        let (width, height) = (size.width, size.height);
        let format = ImageFormat::Z_PIXMAP;
        let image = connection
            .get_image(format, window, 0, 0, width, height, u32::MAX)?
            .reply()?;
        ensure!(
            matches!(image.depth, 24 | 32),
            "a picture of {} bits a pixel",
            image.depth
        );
        // Four bytes a pixel, blue first, on every machine that the tests run on.
        let rgb = image
            .data
            .chunks_exact(4)
            .flat_map(|p| [p[2], p[1], p[0]])
            .collect();
        Ok(Picture {
            width: width.into(),
            height: height.into(),
            rgb,
        })
    }

    /// Waits for a picture of the window that satisfies `when`.
    ///
    /// # Errors
    /// When there is none in time; `name` says what was waited for.
    pub fn wait_picture(&self, name: &str, when: impl Fn(&Picture) -> bool) -> Result<Picture> {
        wait_for(name, || {
            Ok(Some(self.picture()?).filter(|picture| when(picture)))
        })
    }

    /// Waits until the window has shown the same picture, one that satisfies `when`, for a while: whatever was
    /// under way is over.
    ///
    /// # Errors
    /// When there is none in time; `name` says what was waited for.
    pub fn wait_still(&self, name: &str, when: impl Fn(&Picture) -> bool) -> Result<Picture> {
        let mut last: Option<(Picture, Instant)> = None;
        wait_for(name, || {
            let picture = self.picture()?;
            match &last {
                Some((known, since)) if *known == picture => {
                    let still = since.elapsed() > STILL_FOR && when(&picture);
                    Ok(still.then_some(picture))
                }
                _ => {
                    last = Some((picture, Instant::now()));
                    Ok(None)
                }
            }
        })
    }

    /// Waits for the program to end by itself.
    ///
    /// # Errors
    /// When it does not.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        wait_for("the end of terrace", || self.ended())
    }

    /// The program's status, if it has ended.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.process.try_wait()?)
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Pixels, red, green and blue, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    rgb: Vec<u8>,
}

impl Picture {
    /// Reads a PNG file of 8 bits a channel, with or without alpha.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(file: &Path) -> Result<Self> {
        let decoder = png::Decoder::new(BufReader::new(File::open(file)?));
        let mut reader = decoder.read_info()?;
        let mut pixels = vec![0; reader.output_buffer_size().context("a huge picture")?];
        let info = reader.next_frame(&mut pixels)?;
        let channels = info.color_type.samples();
        ensure!(channels >= 3, "a picture without colors");
        let rgb = pixels.chunks_exact(channels);
        Ok(Self {
            width: info.width,
            height: info.height,
            rgb: rgb
                .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
                .collect(),
        })
    }

    /// The color of a pixel.
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let index = (y as usize * self.width as usize + x as usize) * 3;
        [self.rgb[index], self.rgb[index + 1], self.rgb[index + 2]]
    }

    /// How many pixels differ from another picture's of the same size; all, if the sizes differ.
    pub fn difference(&self, other: &Picture) -> usize {
        if (self.width, self.height) != (other.width, other.height) {
            return self.rgb.len() / 3;
        }
        let pairs = self.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3));
        pairs.filter(|(a, b)| a != b).count()
    }

    /// How many pixels of a picture of the same size have a channel that differs by more than this.
    pub fn far(&self, other: &Picture, tolerance: u8) -> usize {
        if (self.width, self.height) != (other.width, other.height) {
            return self.rgb.len() / 3;
        }
        let pairs = self.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3));
        let differ = |(a, b): (&[u8], &[u8])| {
            let mut channels = a.iter().zip(b);
            channels.any(|(a, b)| a.abs_diff(*b) > tolerance)
        };
        pairs.filter(|pair| differ(*pair)).count()
    }

    /// How many pixels have this color.
    pub fn count(&self, color: [u8; 3]) -> usize {
        self.rgb
            .chunks_exact(3)
            .filter(|pixel| *pixel == color)
            .count()
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}
