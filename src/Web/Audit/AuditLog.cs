using System.Text.Json;
using NetworkProtocol.Admin;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Audit;

/// <summary>An append-only file of JSON lines, and its last entries for the page. A full file gets a date and a new one is begun; none is removed.</summary>
internal sealed class AuditLog : IAuditSink, IAsyncDisposable
{
    /// <summary>How many entries the page shows.</summary>
    public const int Shown = 10_000;

    /// <summary>The result of an action that is being done, or that was when the process died.</summary>
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
            _file.WriteByte((byte)'\n'); // after the line that was cut
        }
    }

    /// <summary>Where it is written.</summary>
    public string Path => _folder.File(FileName);

    /// <summary>Why the last entry could not be written; null if it was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Why the file is above its size and no new one is begun; null if it is not so. Entries are written all the same.</summary>
    public string? RotationProblem { get; private set; }

    /// <summary>The last entries, newest first; of an action that has ended only the second.</summary>
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

    /// <summary>Writes an entry to the disk.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public async Task WriteAsync(string who, string from, string via, string action, string target, string result, string text, string id = "")
    {
        var entry = new AuditEntry(_time.GetUtcNow(), Shorten(who), from, via, action, Shorten(target), result, Shorten(text), id);
        await _turn.WaitAsync();
        try
        {
            if (_file.Length > _maxFileBytes)
            {
                await TryBeginAnewAsync(entry.At);
            }

            byte[] before = Problem is null ? [] : [(byte)'\n']; // what failed may have left half a line
            await _file.WriteAsync((byte[])[.. before, .. JsonSerializer.SerializeToUtf8Bytes(entry), (byte)'\n']);
            _file.Flush(flushToDisk: true);
            Problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException) // the last: above RLIMIT_FSIZE
        {
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

    // A log that has grown too large is better than one that stops, so whatever fails is tried again at the next entry.
    private async Task TryBeginAnewAsync(DateTimeOffset now)
    {
        try
        {
            await BeginAnewAsync(now);
            RotationProblem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RotationProblem = e.Message;
        }
    }

    // The new file is open before the full one loses its name: without a free descriptor, nothing has happened yet.
    private async Task BeginAnewAsync(DateTimeOffset now)
    {
        var next = _folder.CreateAnew(NextFileName);
        try
        {
            if (File.Exists(Path)) // else the last attempt has come as far as this
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
                if (_started.Count == Shown) // of some the end was never written, because the disk was full or the process died
                {
                    _started.RemoveAt(0);
                }

                _started.Add(entry.Id, entry);
                return;
            }

            if (_recent.Count == Shown)
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
                // The last line of a process that was killed while it wrote.
            }

            if (entry is not null)
            {
                yield return entry;
            }
        }
    }
}
