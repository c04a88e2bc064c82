using System.Buffers.Binary;
using System.Text;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// Finds the messages in a damaged database and its log without SQLite, which reads nothing of a tree whose root is damaged and nothing of
/// a log behind a damaged frame. Each byte of each page may begin a row, and a row counts only if its own checksum is right. The formats
/// are those of https://www.sqlite.org/fileformat2.html.
/// </summary>
internal sealed class PageScanner : IDisposable
{
    private const int PageSize = Connections.PageSize;
    private const int LogHeader = 32;
    private const int FrameHeader = 24;
    private const int SaltOfLog = 16;
    private const int SaltOfFrame = 8;
    private const int SaltBytes = 8;
    private const int MaxLocal = PageSize - 35;
    private const int MinLocal = ((PageSize - 12) * 32 / 255) - 23;
    private const int OverflowContent = PageSize - sizeof(uint);
    private const int Columns = 6;
    private const int MaxRow = Publication.MaxEncodedBytes + 1024;

    private readonly FileStream? _database;
    private readonly FileStream? _log;
    private readonly Dictionary<uint, long> _frames = []; // where the newest page of a number is in the log

    public PageScanner(string path)
    {
        (_database, _log) = (OpenFile(path), OpenFile(path + "-wal"));
        var head = new byte[LogHeader];
        var salt = Read(_log, 0, head) ? head.AsSpan(SaltOfLog, SaltBytes).ToArray() : [];
        var frame = new byte[FrameHeader];
        for (var at = (long)LogHeader; Read(_log, at, frame); at += FrameHeader + PageSize)
        {
            // Behind the newest frames lie older ones of the last round, with another salt.
            if (frame.AsSpan(SaltOfFrame, SaltBytes).SequenceEqual(salt))
            {
                _frames[BinaryPrimitives.ReadUInt32BigEndian(frame)] = at + FrameHeader;
            }
        }
    }

    /// <summary>The intact messages, in no order; also such that were deleted, and some more than once.</summary>
    public IEnumerable<(Lane Lane, BufferRow Row)> Find() =>
        FindIn(_database, 0, PageSize).Concat(FindIn(_log, LogHeader + FrameHeader, FrameHeader + PageSize));

    public void Dispose()
    {
        _database?.Dispose();
        _log?.Dispose();
    }

    private static FileStream? OpenFile(string path) =>
        File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;

    private static bool Read(FileStream? file, long at, Span<byte> bytes) =>
        file is not null && RandomAccess.Read(file.SafeFileHandle, bytes, at) == bytes.Length;

    private IEnumerable<(Lane Lane, BufferRow Row)> FindIn(FileStream? file, long first, int step)
    {
        var page = new byte[PageSize];
        for (var at = first; Read(file, at, page); at += step)
        {
            for (var start = 0; start < PageSize; start++)
            {
                if (TryReadRow(page, start) is { } found)
                {
                    yield return found;
                }
            }
        }
    }

    // A cell: the payload's length, the row's id, then the payload, of which a long one goes on in a chain of other pages.
    private (Lane Lane, BufferRow Row)? TryReadRow(byte[] page, int start)
    {
        ReadOnlySpan<byte> cell = page.AsSpan()[start..];
        if (!TryReadNumber(ref cell, out var length) || length is < Columns or > MaxRow || !TryReadNumber(ref cell, out var id)
            || id <= 0 || !Enum.IsDefined(RowId.LaneOf(id)))
        {
            return null;
        }

        if (length <= MaxLocal)
        {
            return length <= cell.Length ? Decode(id, cell[..(int)length]) : null;
        }

        var surplus = MinLocal + (int)((length - MinLocal) % OverflowContent);
        var local = surplus <= MaxLocal ? surplus : MinLocal;
        if (cell.Length < local + sizeof(uint) || !HasHeader(cell))
        {
            return null;
        }

        return DecodeChain(id, cell, local, (int)length, useLog: true) ?? DecodeChain(id, cell, local, (int)length, useLog: false);
    }

    private (Lane Lane, BufferRow Row)? DecodeChain(long id, ReadOnlySpan<byte> cell, int local, int length, bool useLog)
    {
        var payload = new byte[length];
        cell[..local].CopyTo(payload);
        var page = new byte[PageSize];
        var next = BinaryPrimitives.ReadUInt32BigEndian(cell[local..]);
        for (var filled = local; filled < length;)
        {
            if (next == 0 || !(useLog && _frames.TryGetValue(next, out var frame)
                ? Read(_log, frame, page)
                : Read(_database, (next - 1L) * PageSize, page)))
            {
                return null;
            }

            var part = Math.Min(OverflowContent, length - filled);
            page.AsSpan(sizeof(uint), part).CopyTo(payload.AsSpan(filled));
            filled += part;
            next = BinaryPrimitives.ReadUInt32BigEndian(page);
        }

        return Decode(id, payload);
    }

    /// <summary>Whether the record of a message begins here: a short header, and the id's column, which is in the row's id.</summary>
    private static bool HasHeader(ReadOnlySpan<byte> record) =>
        record.Length > Columns && record[0] is > Columns and < 32 && record[1] == 0;

    private static (Lane Lane, BufferRow Row)? Decode(long id, ReadOnlySpan<byte> record)
    {
        if (!HasHeader(record) || record[0] > record.Length)
        {
            return null;
        }

        var types = record[2..record[0]];
        var content = record[record[0]..];
        if (!TryReadInteger(ref types, ref content, out var time) || time is null
            || !TryReadInteger(ref types, ref content, out var expires)
            || !TryReadBytes(ref types, ref content, isText: true, out var topic)
            || !TryReadBytes(ref types, ref content, isText: false, out var payload)
            || !TryReadInteger(ref types, ref content, out var checksum) || checksum is null || types.Length > 0)
        {
            return null;
        }

        var sequence = RowId.SequenceOf(id);
        return checksum == MessageChecksum.Compute(sequence, time.Value, topic, payload)
            ? (RowId.LaneOf(id), new BufferRow(
                sequence, time.Value, expires, Encoding.UTF8.GetString(topic), payload.ToArray(), (uint)checksum.Value))
            : null;
    }

    private static bool TryReadInteger(ref ReadOnlySpan<byte> types, ref ReadOnlySpan<byte> content, out long? value)
    {
        value = null;
        if (!TryReadNumber(ref types, out var type))
        {
            return false;
        }

        var length = type switch { 0 or 8 or 9 => 0, <= 4 => (int)type, 5 => 6, 6 => 8, _ => -1 };
        if (length < 0 || length > content.Length)
        {
            return false;
        }

        if (type != 0)
        {
            value = type is 8 or 9 ? type - 8 : (sbyte)content[0];
            for (var i = 1; i < length; i++)
            {
                value = (value << 8) | content[i];
            }
        }

        content = content[length..];
        return true;
    }

    private static bool TryReadBytes(
        ref ReadOnlySpan<byte> types, ref ReadOnlySpan<byte> content, bool isText, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryReadNumber(ref types, out var type) || type < 12 || (type % 2 == 1) != isText || (type - 12) / 2 > content.Length)
        {
            return false;
        }

        var length = (int)((type - 12) / 2);
        value = content[..length];
        content = content[length..];
        return true;
    }

    /// <summary>Reads a number of one to nine bytes: seven bits each, and eight of the ninth.</summary>
    private static bool TryReadNumber(ref ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(bytes.Length, 9); i++)
        {
            var isLast = i == 8 || bytes[i] < 0x80;
            value = i == 8 ? (value << 8) | bytes[i] : (value << 7) | (bytes[i] & 0x7FL);
            if (isLast)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
