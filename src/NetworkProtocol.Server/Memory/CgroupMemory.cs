using System.Globalization;

namespace NetworkProtocol.Server.Memory;

/// <summary>
/// How much memory this process may use before Linux kills it, as containers and systemd's MemoryMax set it (cgroups(7)). The runtime's own
/// figure cannot be used instead: it is three quarters of this limit.
/// </summary>
internal static class CgroupMemory
{
    private const NumberStyles Format = NumberStyles.None | NumberStyles.AllowTrailingWhite;

    /// <summary>The lowest limit of the process's group and of the groups around it, in bytes; null where there is none.</summary>
    /// <param name="root">The root of the file system.</param>
    public static long? ReadLimit(string root = "/")
    {
        try
        {
            var limits = File.ReadLines(Path.Combine(root, "proc/self/cgroup")).SelectMany(line => Limits(root, line)).ToArray();
            return limits.Length == 0 ? null : limits.Min();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // the system is not Linux, or hides /proc
        }
    }

    // A line is hierarchy:controllers:path; version 2 has the hierarchy 0 and no controllers.
    private static IEnumerable<long> Limits(string root, string line)
    {
        var fields = line.Split(':', 3);
        var (mount, file) = fields is ["0", "", _] ? ("", "memory.max") : ("memory", "memory.limit_in_bytes");
        if (fields.Length < 3 || (mount.Length > 0 && !fields[1].Split(',').Contains("memory")))
        {
            yield break;
        }

        for (var group = fields[2].Trim('/'); ; group = Path.GetDirectoryName(group) ?? "")
        {
            var path = Path.Combine(root, "sys/fs/cgroup", mount, group, file);
            if (File.Exists(path) && long.TryParse(File.ReadAllText(path), Format, CultureInfo.InvariantCulture, out var limit))
            {
                yield return limit;
            }

            if (group.Length == 0)
            {
                yield break;
            }
        }
    }
}
