// Presses keys one after the other and tells when the screen last changed after each.
//   keyed QUIET_MS KEY…      a KEY is a keysym's name, with ctrl+, shift+ and alt+ before it
// A line a key: milliseconds from the press to the first and to the last change before QUIET_MS without one.
// cc -O2 -o keyed keyed.c -lX11 -lXtst -lXdamage
#include <X11/Xlib.h>
#include <X11/extensions/XTest.h>
#include <X11/extensions/Xdamage.h>
#include <X11/keysym.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
    Display *display = XOpenDisplay(NULL);
    int damaged, error;
    if (argc < 3 || !display || !XDamageQueryExtension(display, &damaged, &error)) {
        fprintf(stderr, "usage: keyed QUIET_MS KEY...; needs a display with XTEST and DAMAGE\n");
        return 2;
    }
    double quiet = atof(argv[1]);
    Damage damage = XDamageCreate(display, DefaultRootWindow(display), XDamageReportNonEmpty);
    for (int i = 2; i < argc; i++) {
        const char *name = argv[i];
        KeyCode held[2], code;
        int holds = 0;
        for (;; holds++) {
            KeySym with = !strncmp(name, "ctrl+", 5) ? XK_Control_L : !strncmp(name, "shift+", 6) ? XK_Shift_L
                          : !strncmp(name, "alt+", 4)   ? XK_Alt_L
                                                        : NoSymbol;
            if (with == NoSymbol || holds == 2)
                break;
            held[holds] = XKeysymToKeycode(display, with);
            name = strchr(name, '+') + 1;
        }
        code = XKeysymToKeycode(display, XStringToKeysym(name));
        XDamageSubtract(display, damage, None, None);
        XSync(display, True);
        double start = now(), first = 0, last = 0;
        for (int h = 0; h < holds; h++)
            XTestFakeKeyEvent(display, held[h], True, CurrentTime);
        XTestFakeKeyEvent(display, code, True, CurrentTime);
        XTestFakeKeyEvent(display, code, False, CurrentTime);
        while (holds > 0)
            XTestFakeKeyEvent(display, held[--holds], False, CurrentTime);
        XFlush(display);
        while (now() - (last ? last : start) < quiet) {
            struct pollfd ready = {ConnectionNumber(display), POLLIN, 0};
            if (!XPending(display))
                poll(&ready, 1, 5);
            while (XPending(display)) {
                XEvent event;
                XNextEvent(display, &event);
                if (event.type == damaged + XDamageNotify) {
                    XDamageSubtract(display, damage, None, None);
                    last = now();
                    first = first ? first : last;
                }
            }
        }
        printf("%s %.2f %.2f\n", argv[i], first ? first - start : -1.0, last ? last - start : -1.0);
        fflush(stdout);
    }
    return 0;
}
