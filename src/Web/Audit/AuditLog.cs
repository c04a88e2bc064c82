using System.Text.Json;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Audit;

/// <summary>
/// The audit log: an append-only file of JSON lines, and its last entries in memory for the Audit page. A full file is renamed with a date
/// and a new file begins; no file is removed.
/// </summary>
internal sealed class AuditLog : IAuditSink, IAsyncDisposable
{
    /// <summary>The number of entries in memory, which the Audit page shows.</summary>
    public const int MaxRecent = 10_000;

    /// <summary>The result of an action that has not ended, or that had not ended when the process died.</summary>
    public const string Started = "started";

    private const string FileName = "audit.jsonl";
    private const string NextFileName = "audit.jsonl.new";
    private const long MaxFileBytes = 50 * 1024 * 1024;
    private const int MaxTextLength = 500;

    private readonly DataFolder _folder;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Queue<AuditEntry> _recent = new();
    private readonly OrderedDictionary<string, AuditEntry> _started = [];
    private readonly long _maxFileBytes;
    private FileStream _file;

    public AuditLog(DataFolder folder, TimeProvider time, long maxFileBytes = MaxFileBytes)
    {
        _folder = folder;
        _time = time;
        _maxFileBytes = maxFileBytes;
        foreach (var entry in ReadAll())
        {
            Remember(entry);
        }

        _file = folder.OpenAppend(FileName);
        if (_file.Length > 0 && !EndsWithNewLine())
        {
            _file.WriteByte((byte)'\n'); // ends the incomplete line of a process that was killed
        }
    }

    /// <summary>The path of the current file.</summary>
    public string Path => _folder.File(FileName);

    /// <summary>Why the last entry could not be written; null if it was written.</summary>
    public string? Problem { get; private set; }

    /// <summary>
    /// Why a full file could not be rotated; null if the last rotation succeeded. Entries then continue in the full file.
    /// </summary>
    public string? RotationProblem { get; private set; }

    /// <summary>The last entries, newest first. An action that has ended appears once, with its result.</summary>
    public IReadOnlyList<AuditEntry> Recent
    {
        get
        {
            lock (_recent)
            {
                return [.. _recent.Reverse().Concat(_started.Values).OrderByDescending(entry => entry.At)];
            }
        }
    }

    /// <summary>Writes an entry and flushes the file to the disk.</summary>
    /// <exception cref="IOException">The entry could not be written.</exception>
    public async Task WriteAsync(
        string who, string from, string via, string action, string target, string result, string text, string id = "")
    {
        var entry = new AuditEntry(_time.GetUtcNow(), Shorten(who), from, via, action, Shorten(target), result, Shorten(text), id);
        await _turn.WaitAsync();
        try
        {
            if (_file.Length > _maxFileBytes)
            {
                await TryRotateAsync(entry.At);
            }

            byte[] before = Problem is null ? [] : [(byte)'\n']; // the failed write may have left an incomplete line
            await _file.WriteAsync((byte[])[.. before, .. JsonSerializer.SerializeToUtf8Bytes(entry), (byte)'\n']);
            _file.Flush(flushToDisk: true);
            Problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // .NET throws ArgumentOutOfRangeException when the file would exceed RLIMIT_FSIZE.
            Problem = e.Message;
            throw new IOException(e.Message, e);
        }
        finally
        {
            _turn.Release();
        }

        Remember(entry);
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _turn.Dispose();
    }

    // A file above its size is better than an audit log that stops, so a failed rotation is only remembered and tried again with the next
    // entry.
    private async Task TryRotateAsync(DateTimeOffset now)
    {
        try
        {
            await RotateAsync(now);
            RotationProblem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RotationProblem = e.Message;
        }
    }

    // The new file is opened before the full file is renamed, so that nothing has changed if no file descriptor is free.
    private async Task RotateAsync(DateTimeOffset now)
    {
        var next = _folder.CreateNew(NextFileName);
        try
        {
            if (File.Exists(Path)) // else an earlier attempt has renamed the full file and failed afterwards
            {
                File.Move(Path, _folder.File($"audit-{now:yyyyMMddHHmmss}.jsonl"));
            }

            File.Move(_folder.File(NextFileName), Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await next.DisposeAsync();
            throw;
        }

        var full = _file;
        _file = next;
        await full.DisposeAsync();
    }

    private void Remember(AuditEntry entry)
    {
        lock (_recent)
        {
            _started.Remove(entry.Id);
            if (entry.Result == Started)
            {
                if (_started.Count == MaxRecent) // some never get an end, because the disk was full or the process died
                {
                    _started.RemoveAt(0);
                }

                _started.Add(entry.Id, entry);
                return;
            }

            if (_recent.Count == MaxRecent)
            {
                _recent.Dequeue();
            }

            _recent.Enqueue(entry);
        }
    }

    private bool EndsWithNewLine()
    {
        using var reader = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        reader.Seek(-1, SeekOrigin.End);
        return reader.ReadByte() == '\n';
    }

    private static string Shorten(string text) => text.Length <= MaxTextLength ? text : text[..MaxTextLength] + "…";

    private IEnumerable<AuditEntry> ReadAll()
    {
        foreach (var line in File.Exists(Path) ? File.ReadLines(Path) : [])
        {
            AuditEntry? entry = null;
            try
            {
                entry = JsonSerializer.Deserialize<AuditEntry>(line);
            }
            catch (JsonException)
            {
                // An incomplete line of a process that was killed during a write.
            }

            if (entry is not null)
            {
                yield return entry;
            }
        }
    }
}
