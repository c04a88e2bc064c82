using System.Text.Json;

namespace NetworkProtocol.Web.Admin.Audit;

/// <summary>What somebody did, or tried to.</summary>
/// <param name="At">When.</param>
/// <param name="Who">The user's name, or the token's.</param>
/// <param name="From">The address.</param>
/// <param name="Via">The console, or the API.</param>
/// <param name="Action">What, as <c>disconnect</c>.</param>
/// <param name="Target">To what.</param>
/// <param name="Result"><c>done</c>, <c>refused</c> or <c>failed</c>.</param>
/// <param name="Text">More about it.</param>
internal sealed record AuditEntry(
    DateTimeOffset At, string Who, string From, string Via, string Action, string Target, string Result, string Text);

/// <summary>An append-only file of JSON lines, and its last entries for the page. A full file gets a date and a new one is begun; none is removed.</summary>
internal sealed class AuditLog : IAsyncDisposable
{
    /// <summary>How many entries the page shows.</summary>
    public const int Shown = 10_000;

    private const string FileName = "audit.jsonl";
    private const long MaxFileBytes = 50 * 1024 * 1024;
    private const int MaxTextLength = 500;

    private readonly DataFolder _folder;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Queue<AuditEntry> _recent = new();
    private FileStream _file;

    public AuditLog(DataFolder folder, TimeProvider time)
    {
        _folder = folder;
        _time = time;
        foreach (var entry in ReadAll().TakeLast(Shown))
        {
            _recent.Enqueue(entry);
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

    /// <summary>The last entries, newest first.</summary>
    public IReadOnlyList<AuditEntry> Recent
    {
        get
        {
            lock (_recent)
            {
                return [.. _recent.Reverse()];
            }
        }
    }

    /// <summary>Writes an entry to the disk.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public async Task WriteAsync(string who, string from, string via, string action, string target, string result, string text)
    {
        var entry = new AuditEntry(_time.GetUtcNow(), Shorten(who), from, via, action, Shorten(target), result, Shorten(text));
        await _turn.WaitAsync();
        try
        {
            if (_file.Length > MaxFileBytes)
            {
                await BeginAnewAsync(entry.At);
            }

            byte[] before = Problem is null ? [] : [(byte)'\n']; // what failed may have left half a line
            await _file.WriteAsync((byte[])[.. before, .. JsonSerializer.SerializeToUtf8Bytes(entry), (byte)'\n']);
            _file.Flush(flushToDisk: true);
            Problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problem = e.Message;
            throw;
        }
        finally
        {
            _turn.Release();
        }

        lock (_recent)
        {
            if (_recent.Count == Shown)
            {
                _recent.Dequeue();
            }

            _recent.Enqueue(entry);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _turn.Dispose();
    }

    private async Task BeginAnewAsync(DateTimeOffset now)
    {
        File.Move(Path, _folder.File($"audit-{now:yyyyMMddHHmmss}.jsonl"));
        var full = _file;
        _file = _folder.OpenAppend(FileName); // if that fails, the full one goes on
        await full.DisposeAsync();
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
