#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int praison_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

static void praison_limit(int resource, long value) {
    if (value < 0) return;
    struct rlimit limit = {(rlim_t)value, (rlim_t)value};
    setrlimit(resource, &limit);
}

int praison_spawn(
    pid_t *pid, const char *program, char *const *arguments, char *const *environment, int input, int output,
    int errors, const struct praison_limits *limits) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return errno;
    pid_t child = fork();
    if (child < 0) {
        int failure = errno;
        close(report[0]);
        close(report[1]);
        return failure;
    }
    if (child == 0) {
        setpgid(0, 0);
        sigset_t none;
        sigemptyset(&none);
        for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
        sigprocmask(SIG_SETMASK, &none, NULL);
        dup2(input, 0);
        dup2(output, 1);
        dup2(errors, 2);
        // 4: mark them to be closed by exec, since `report` is needed until then.
        syscall(SYS_close_range, 3u, ~0u, 4u);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        praison_limit(RLIMIT_CORE, 0);
        praison_limit(RLIMIT_CPU, limits->cpu_seconds);
        praison_limit(RLIMIT_AS, limits->memory_bytes);
        praison_limit(RLIMIT_FSIZE, limits->file_bytes);
        praison_limit(RLIMIT_NOFILE, limits->open_files);
        execve(program, arguments, environment);
        int failure = errno;
        ssize_t written = write(report[1], &failure, sizeof failure);
        _exit(written < 0 ? 126 : 127);
    }
    // Both sides do it, so that the group is there for whoever comes first.
    setpgid(child, child);
    close(report[1]);
    int failure = 0;
    ssize_t size;
    do size = read(report[0], &failure, sizeof failure);
    while (size < 0 && errno == EINTR);
    close(report[0]);
    *pid = child;
    return size == sizeof failure ? failure : 0;
}
