// The only program of the emulated machine: runs kernel_check, says how it ended, and switches off.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void open_console(void) {
    mount("none", "/dev", "devtmpfs", 0, "");
    int console = open("/dev/ttyS0", O_RDWR);
    for (int i = 0; i < 3; i++) dup2(console, i);
}

int main(int argc, char **argv) {
    (void)argc;
    open_console();
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        execv("/kernel_check", argv);
        _exit(127);
    }
    if (child > 0) waitpid(child, &status, 0);
    printf("exit status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    fflush(stdout);
    tcdrain(1);
    reboot(RB_POWER_OFF);
    // The first process must not end.
    for (;;) pause();
}
