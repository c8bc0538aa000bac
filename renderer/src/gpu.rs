//! The adapter, the device and its queue: how they are found, and what happens when they are lost.
//!
//! A [`Gpu`] is never repaired: when [`Gpu::is_lost`] says so, make another one, and with it the
//! surfaces and the [`Renderer`](crate::Renderer).

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wgpu::rwh::{HasDisplayHandle, HasWindowHandle};

use crate::Error;

/// Which graphics interface to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backend {
    /// Vulkan, then OpenGL, where there is graphics hardware, or else the processor.
    #[default]
    Auto,
    /// Vulkan only, in software if there is no other.
    Vulkan,
    /// OpenGL (ES) only, in software if there is no other.
    Gl,
    /// None: the processor draws, even where there is graphics hardware. A [`Gpu`] opened with it is one that a
    /// driver plays.
    Software,
}

impl Backend {
    /// Whether a [`SoftwarePainter`](crate::SoftwarePainter) is wanted, as far as that can be told without opening a
    /// driver, which takes a while: it is asked for, or the system has no graphics hardware.
    pub fn is_software(self) -> bool {
        match self {
            Backend::Software => true,
            Backend::Auto => !has_graphics_hardware(),
            Backend::Vulkan | Backend::Gl => false,
        }
    }

    /// The interfaces to try, in order.
    fn candidates(self) -> &'static [wgpu::Backends] {
        match self {
            Backend::Auto | Backend::Software => &[wgpu::Backends::VULKAN, wgpu::Backends::GL],
            Backend::Vulkan => &[wgpu::Backends::VULKAN],
            Backend::Gl => &[wgpu::Backends::GL],
        }
    }
}

/// A graphics device and how to reach it.
#[derive(Debug)]
pub struct Gpu {
    adapter: wgpu::Adapter,
    device: wgpu::Device,
    queue: wgpu::Queue,
    software: bool,
    lost: Arc<AtomicBool>,
}

/// What a backend offered.
struct Candidate {
    adapter: wgpu::Adapter,
    surface: Option<wgpu::Surface<'static>>,
}

impl Gpu {
    /// A device that can draw to `window`, and the window's surface.
    ///
    /// # Errors
    ///
    /// [`Error::NoAdapter`] when no driver can draw to the window, [`Error::Device`] when the best
    /// one refuses.
    pub fn for_window<W>(
        window: Arc<W>,
        backend: Backend,
    ) -> Result<(Gpu, wgpu::Surface<'static>), Error>
    where
        W: HasWindowHandle + HasDisplayHandle + Debug + Send + Sync + 'static,
    {
        let candidate = choose(backend, |backends| {
            let mut descriptor = descriptor(backends);
            descriptor.display = Some(Box::new(Arc::clone(&window)));
            let instance = wgpu::Instance::new(descriptor);
            let surface = instance
                .create_surface(Arc::clone(&window))
                .inspect_err(|error| tracing::debug!(?backends, %error, "no surface"))
                .ok()?;
            let adapter = request_adapter(&instance, Some(&surface), backend)?;
            Some(Candidate {
                adapter,
                surface: Some(surface),
            })
        })?;
        let surface = candidate.surface.ok_or(Error::NoAdapter)?;
        let gpu = Gpu::open(candidate.adapter, wgpu::Features::empty())?;
        Ok((gpu, surface))
    }

    /// A device for images only ([`Offscreen`](crate::Offscreen)).
    ///
    /// # Errors
    ///
    /// [`Error::NoAdapter`] when there is no driver, [`Error::Device`] when the best one refuses.
    pub fn offscreen(backend: Backend) -> Result<Gpu, Error> {
        Self::offscreen_with(backend, wgpu::Features::empty())
    }

    /// [`Gpu::offscreen`] with those of `wanted` that the driver has: timestamps, for measurements.
    ///
    /// # Errors
    ///
    /// As [`Gpu::offscreen`].
    pub fn offscreen_with(backend: Backend, wanted: wgpu::Features) -> Result<Gpu, Error> {
        let candidate = choose(backend, |backends| {
            let instance = wgpu::Instance::new(descriptor(backends));
            let adapter = request_adapter(&instance, None, backend)?;
            Some(Candidate {
                adapter,
                surface: None,
            })
        })?;
        Gpu::open(candidate.adapter, wanted)
    }

    /// Opens the device, with those of `wanted` that it has.
    fn open(adapter: wgpu::Adapter, wanted: wgpu::Features) -> Result<Gpu, Error> {
        let limits = wgpu::Limits::downlevel_webgl2_defaults().using_resolution(adapter.limits());
        let request = adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("terrace"),
            required_limits: limits,
            required_features: wanted & adapter.features(),
            // A terminal keeps a few small buffers; large blocks would be most of its memory.
            memory_hints: wgpu::MemoryHints::Manual {
                suballocated_device_memory_block_size: 1 << 20..8 << 20,
            },
            ..wgpu::DeviceDescriptor::default()
        });
        let (device, queue) =
            pollster::block_on(request).map_err(|error| Error::Device(error.to_string()))?;
        let lost = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            // Destroyed is our own dropping of the device.
            if reason != wgpu::DeviceLostReason::Destroyed {
                tracing::warn!(?reason, message, "graphics device lost");
                flag.store(true, Ordering::Release);
            }
        });
        let flag = Arc::clone(&lost);
        device.on_uncaptured_error(Arc::new(move |error| {
            tracing::error!(%error, "graphics error");
            if matches!(
                error,
                wgpu::Error::OutOfMemory { .. } | wgpu::Error::Internal { .. }
            ) {
                flag.store(true, Ordering::Release);
            }
        }));
        let info = adapter.get_info();
        tracing::info!(
            name = info.name,
            backend = ?info.backend,
            kind = ?info.device_type,
            driver = info.driver_info,
            "graphics device"
        );
        let software = info.device_type == wgpu::DeviceType::Cpu;
        Ok(Gpu {
            adapter,
            device,
            queue,
            software,
            lost,
        })
    }

    /// The adapter in use: its name, interface, kind and driver.
    pub fn adapter_info(&self) -> wgpu::AdapterInfo {
        self.adapter.get_info()
    }

    /// Whether the processor does the graphics: then every pixel drawn costs time.
    pub fn is_software(&self) -> bool {
        self.software
    }

    /// The adapter.
    pub fn adapter(&self) -> &wgpu::Adapter {
        &self.adapter
    }

    /// The device.
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// The device's queue.
    pub fn queue(&self) -> &wgpu::Queue {
        &self.queue
    }

    /// Whether the device is lost or broken: then everything made from it has to be made anew.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Marks the device as lost, as a driver would: for tests of the recovery.
    pub fn mark_lost(&self) {
        self.lost.store(true, Ordering::Release);
    }

    /// Every adapter of this machine, for reports.
    pub fn adapters() -> Vec<wgpu::AdapterInfo> {
        let instance = wgpu::Instance::new(descriptor(wgpu::Backends::VULKAN | wgpu::Backends::GL));
        pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()))
            .iter()
            .map(wgpu::Adapter::get_info)
            .collect()
    }
}

/// An instance of these interfaces, without validation layers: our own tests run wgpu's checks.
fn descriptor(backends: wgpu::Backends) -> wgpu::InstanceDescriptor {
    wgpu::InstanceDescriptor {
        backends,
        flags: wgpu::InstanceFlags::empty().with_env(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    }
}

/// The instance's adapter for `surface`. The one of low power: text asks little of it.
fn request_adapter(
    instance: &wgpu::Instance,
    surface: Option<&wgpu::Surface<'_>>,
    backend: Backend,
) -> Option<wgpu::Adapter> {
    let request = instance.request_adapter(&wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::LowPower,
        force_fallback_adapter: backend == Backend::Software,
        compatible_surface: surface,
        apply_limit_buckets: false,
    });
    pollster::block_on(request)
        .inspect_err(|error| tracing::debug!(%error, "no adapter"))
        .ok()
}

/// The first backend with hardware, or else the first one that draws in software.
fn choose(
    backend: Backend,
    open: impl Fn(wgpu::Backends) -> Option<Candidate>,
) -> Result<Candidate, Error> {
    let mut software: Option<Candidate> = None;
    for &backends in backend.candidates() {
        if software.is_some() && !has_graphics_hardware() {
            // Asking OpenGL costs tens of milliseconds, and without hardware it has only software
            // to offer too.
            break;
        }
        match open(backends) {
            Some(found) if found.adapter.get_info().device_type == wgpu::DeviceType::Cpu => {
                tracing::info!(?backends, "only software rendering here");
                software = software.or(Some(found));
            }
            Some(found) => return Ok(found),
            None => tracing::info!(?backends, "not available"),
        }
    }
    let found = software.ok_or(Error::NoAdapter)?;
    tracing::info!(
        name = found.adapter.get_info().name,
        "falling back to software rendering"
    );
    Ok(found)
}

/// Whether the kernel offers a graphics device at all (Linux; elsewhere there always is one).
fn has_graphics_hardware() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    // NVIDIA's own driver, WSL's, and those of some phones and small boards.
    let others = ["/dev/nvidia0", "/dev/dxg", "/dev/mali0", "/dev/kgsl-3d0"];
    let nodes = std::fs::read_dir("/dev/dri").into_iter().flatten();
    nodes
        .flatten()
        .any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
        || others.iter().any(|path| Path::new(path).exists())
}
