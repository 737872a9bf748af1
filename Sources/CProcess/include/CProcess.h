#pragma once
#include <sys/types.h>

// Swift has no fork, and posix_spawn sets no limits. Between fork and exec only async-signal-safe calls are made.

struct praison_limits {
    // Negative for no limit of our own.
    long cpu_seconds, memory_bytes, file_bytes, open_files;
};

/// A pipe whose ends are closed by exec.
int praison_pipe(int ends[2]);

/// Starts `program` in a process group of its own, with these three descriptors and no other.
///
/// Returns 0, or the errno of what failed, `execve` included.
int praison_spawn(
    pid_t *pid, const char *program, char *const *arguments, char *const *environment, int input, int output,
    int errors, const struct praison_limits *limits);
