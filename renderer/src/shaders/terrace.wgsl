// Rectangles and glyphs. All blending is in linear light, premultiplied; where the target cannot
// encode sRGB itself (ENCODE), blending is in sRGB as it comes, and only then.

override ENCODE: bool = false;

struct Globals {
    // Target size in pixels.
    size: vec2<f32>,
    // Where the layer's origin is on the target.
    origin: vec2<f32>,
    // Exponent of coverage: above 1 strokes are thinner.
    stroke: f32,
    padding: f32,
    padding2: vec2<f32>,
}

@group(0) @binding(0) var<uniform> globals: Globals;
@group(1) @binding(0) var masks: texture_2d_array<f32>;
@group(1) @binding(1) var colors: texture_2d_array<f32>;

fn to_linear(c: vec3<f32>) -> vec3<f32> {
    let low = c / 12.92;
    let high = pow((c + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, c <= vec3<f32>(0.04045));
}

// A polynomial near the sRGB curve, good to 1 part in 300: enough for weights of strokes.
fn to_light(lightness: f32) -> f32 {
    return lightness * (lightness * (lightness * 0.305306011 + 0.682171111) + 0.012522878);
}

fn to_lightness(light: f32) -> f32 {
    return select(1.055 * pow(light, 1.0 / 2.4) - 0.055, light * 12.92, light <= 0.0031308);
}

// Every rectangle is in the buffer four times, once for each corner.
fn corner(index: u32) -> vec2<f32> {
    return vec2<f32>(f32(index & 1u), f32((index >> 1u) & 1u));
}

fn to_clip(pixel: vec2<f32>) -> vec4<f32> {
    let unit = (globals.origin + pixel) / globals.size;
    return vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
}

// A premultiplied color for the target. What a compositor expects is the encoded color times alpha,
// so translucent light is that value decoded, which the target encodes back.
fn premultiply_for_target(color: vec4<f32>) -> vec4<f32> {
    let encoded = color.rgb * color.a;
    if ENCODE {
        return vec4<f32>(encoded, color.a);
    }
    return vec4<f32>(to_linear(encoded), color.a);
}

struct QuadVertex {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) color: vec4<f32>,
}

@vertex
fn quad_vertex(
    @builtin(vertex_index) index: u32,
    @location(0) at: vec2<i32>,
    @location(1) size: vec2<u32>,
    @location(2) color: vec4<f32>,
) -> QuadVertex {
    var out: QuadVertex;
    out.position = to_clip(vec2<f32>(at) + corner(index) * vec2<f32>(size));
    out.color = premultiply_for_target(color);
    return out;
}

@fragment
fn quad_fragment(in: QuadVertex) -> @location(0) vec4<f32> {
    return in.color;
}

struct GlyphVertex {
    @builtin(position) position: vec4<f32>,
    // Position on the atlas page, in pixels.
    @location(0) texel: vec2<f32>,
    // Straight color, in the space that the target blends in.
    @location(1) @interpolate(flat) color: vec4<f32>,
    // Page and kind.
    @location(2) @interpolate(flat) page: vec2<u32>,
    // Lightness of the background, lightness of the text, light of the background, and one over
    // the difference of light.
    @location(3) @interpolate(flat) weights: vec4<f32>,
}

@vertex
fn glyph_vertex(
    @builtin(vertex_index) index: u32,
    @location(0) at: vec2<i32>,
    @location(1) size: vec2<u32>,
    @location(2) texel: vec2<u32>,
    @location(3) page: vec4<u32>,
    @location(4) color: vec4<f32>,
) -> GlyphVertex {
    var out: GlyphVertex;
    let extent = corner(index) * vec2<f32>(size);
    out.position = to_clip(vec2<f32>(at) + extent);
    out.texel = vec2<f32>(texel) + extent;
    let linear = to_linear(color.rgb);
    if ENCODE {
        out.color = color;
    } else {
        out.color = vec4<f32>(linear, color.a);
    }
    out.page = page.xy;
    let text = to_lightness(dot(linear, vec3<f32>(0.2126, 0.7152, 0.0722)));
    let back = f32(page.z) / 255.0;
    let light = to_light(text) - to_light(back);
    let inverse = select(0.0, 1.0 / light, abs(light) > 0.01);
    out.weights = vec4<f32>(back, text, to_light(back), inverse);
    return out;
}

// Blending in linear light makes light text on dark fat and dark text on light thin. The share is
// therefore chosen such that the result is as light as the eye expects of this coverage; hues
// still mix as light does.
fn weigh(coverage: f32, weights: vec4<f32>) -> f32 {
    var share = coverage;
    if globals.stroke != 1.0 {
        share = pow(coverage, globals.stroke);
    }
    if ENCODE || weights.w == 0.0 {
        return share;
    }
    let wanted = to_light(mix(weights.x, weights.y, share));
    return clamp((wanted - weights.z) * weights.w, 0.0, 1.0);
}

fn mask(in: GlyphVertex) -> vec4<f32> {
    let coverage = textureLoad(masks, vec2<i32>(floor(in.texel)), i32(in.page.x), 0).r;
    let alpha = weigh(coverage, in.weights) * in.color.a;
    return vec4<f32>(in.color.rgb * alpha, alpha);
}

// Most glyphs are masks, and software runs the branches of other kinds even for those.
@fragment
fn mask_fragment(in: GlyphVertex) -> @location(0) vec4<f32> {
    return mask(in);
}

@fragment
fn glyph_fragment(in: GlyphVertex) -> @location(0) vec4<f32> {
    if in.page.y == 0u {
        return mask(in);
    }
    if in.page.y == 1u {
        // The page is sRGB: the sampler decodes it.
        let color = textureLoad(colors, vec2<i32>(floor(in.texel)), i32(in.page.x), 0);
        let alpha = color.a * in.color.a;
        if ENCODE {
            let low = color.rgb * 12.92;
            let high = 1.055 * pow(color.rgb, vec3<f32>(1.0 / 2.4)) - 0.055;
            let encoded = select(high, low, color.rgb <= vec3<f32>(0.0031308));
            return vec4<f32>(encoded * alpha, alpha);
        }
        return vec4<f32>(color.rgb * alpha, alpha);
    }
    return vec4<f32>(in.color.rgb * in.color.a, in.color.a);
}
