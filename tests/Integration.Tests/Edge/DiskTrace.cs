using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Integration.Tests.Edge;

/// <summary>
/// What a process writes to the files of one folder, when it syncs them, and when it answers sensors, as <c>strace</c> sees it.
/// </summary>
internal sealed partial class DiskTrace : IAsyncDisposable
{
    private readonly string _output = Path.GetTempFileName();
    private readonly Process _strace;

    private DiskTrace(int process) => _strace = Process.Start(new ProcessStartInfo(
        "strace",
        [
            "-f", "-y", "-xx", "-s", "1000000", "-e", "trace=pwrite64,fdatasync,fsync,ftruncate,sendto,sendmsg", "-o", _output,
            "-p", process.ToString(CultureInfo.InvariantCulture),
        ])
    {
        RedirectStandardError = true,
    })!;

    /// <summary>Something that happened: a write, a sync, a new length of a file, or an answer to a sensor.</summary>
    /// <param name="File">The file's name; empty for an answer.</param>
    /// <param name="Offset">Where the bytes were written, or the new length; -1 for a sync.</param>
    /// <param name="Bytes">The bytes of a write; null for a sync and for a new length.</param>
    /// <param name="Acknowledged">The sequence number that an answer has; 0 for what is no answer.</param>
    public sealed record Step(string File, long Offset, byte[]? Bytes, long Acknowledged)
    {
        public bool IsSync => File.Length > 0 && Offset < 0;
    }

    public static async Task<DiskTrace> AttachAsync(int process)
    {
        var trace = new DiskTrace(process);
        await trace._strace.StandardError.ReadLineAsync(); // strace has attached to all threads when it says so
        return trace;
    }

    /// <summary>Detaches from the process and reads what was seen of the files in a folder.</summary>
    public async Task<List<Step>> EndAsync(string folder)
    {
        using (var kill = Process.Start("kill", ["-INT", _strace.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _strace.WaitForExitAsync();
        var steps = new List<Step>();
        var syncs = new Dictionary<string, string>(); // by thread: the file of a sync that has begun
        foreach (var line in File.ReadLines(_output))
        {
            if (Call().Match(line) is not { Success: true } call)
            {
                if (line.Contains("sync resumed>", StringComparison.Ordinal) && syncs.Remove(line.Split(' ')[0], out var synced))
                {
                    steps.Add(new Step(synced, -1, null, 0));
                }

                continue;
            }

            if (call.Groups["name"].Value.StartsWith("send", StringComparison.Ordinal))
            {
                steps.AddRange(Acknowledgements(line));
            }
            else if (PathOf(call) is { } path && Path.GetDirectoryName(path) == folder)
            {
                Add(steps, syncs, call, Path.GetFileName(path), line);
            }
        }

        return steps;
    }

    public ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            _strace.Kill();
        }

        _strace.Dispose();
        File.Delete(_output);
        return ValueTask.CompletedTask;
    }

    private static void Add(List<Step> steps, Dictionary<string, string> syncs, Match call, string file, string line)
    {
        var rest = call.Groups["rest"].Value;
        switch (call.Groups["name"].Value)
        {
            case "pwrite64" when Write().Match(rest) is { Success: true } write:
                steps.Add(new Step(file, Number(write.Groups["offset"]), Bytes(write.Groups["bytes"].Value), 0));
                break;
            case "ftruncate":
                steps.Add(new Step(file, Number(Digits().Match(rest)), null, 0));
                break;
            case "fsync" or "fdatasync" when line.Contains("<unfinished", StringComparison.Ordinal):
                syncs[call.Groups["thread"].Value] = file;
                break;
            case "fsync" or "fdatasync":
                steps.Add(new Step(file, -1, null, 0));
                break;
        }
    }

    private static IEnumerable<Step> Acknowledgements(string line)
    {
        foreach (Match text in Text().Matches(line))
        {
            var bytes = Bytes(text.Value);
            var command = "PUBLISH"u8.ToArray();
            for (var at = Find(0); at >= 0; at = Find(at + 1))
            {
                var length = at + command.Length + sizeof(long) <= bytes.Length
                    ? (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan()[(at + command.Length)..])
                    : 0;
                var number = bytes.AsSpan()[Math.Min(bytes.Length, at + command.Length + sizeof(long))..];
                if (length is > 0 and < 20 && length <= number.Length)
                {
                    yield return new Step("", 0, null, long.Parse(
                        Encoding.ASCII.GetString(number[..length]), CultureInfo.InvariantCulture));
                }
            }

            int Find(int from) => bytes.AsSpan()[from..].IndexOf(command) is >= 0 and var found ? from + found : -1;
        }
    }

    private static string? PathOf(Match call) => call.Groups["path"].Value is ['\\', 'x', ..] escaped
        ? Encoding.UTF8.GetString(Bytes(escaped))
        : null;

    private static long Number(Capture digits) => long.Parse(digits.Value, CultureInfo.InvariantCulture);

    private static byte[] Bytes(string escaped) => Convert.FromHexString(escaped.Replace("\\x", "", StringComparison.Ordinal));

    [GeneratedRegex(@"^(?<thread>\d+) +(?<name>\w+)\(\d+<(?<path>[^>]*)>(?<rest>.*)")]
    private static partial Regex Call();

    [GeneratedRegex("""^, "(?<bytes>[^"]*)", \d+, (?<offset>\d+)""")]
    private static partial Regex Write();

    [GeneratedRegex("""(?<=")(\\x[0-9a-f]{2})+(?=")""")]
    private static partial Regex Text();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
