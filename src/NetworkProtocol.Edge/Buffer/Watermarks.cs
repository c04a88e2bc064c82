using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// A note beside the database of the numbers that were given last. It is written after each commit and never waits for the disk, so it
/// survives the end of the process and may be some seconds old after a power cut. A database that has less than its note has lost the end
/// of its log, which SQLite does not report.
/// </summary>
internal sealed class Watermarks : IDisposable
{
    private const int Number = sizeof(long);

    private static readonly int Lanes = Enum.GetValues<Lane>().Length;
    private static readonly int Length = (Number * (1 + (2 * Lanes))) + sizeof(uint);

    private readonly byte[] _bytes = new byte[Length];
    private readonly SafeFileHandle? _handle;

    /// <summary>Opens the note to write it. A file that cannot be opened costs only the note.</summary>
    public Watermarks(string path)
    {
        try
        {
            _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start does not learn what the log has lost.
        }
    }

    /// <summary>Reads the note; null if there is none, or a damaged one.</summary>
    public static BufferState? Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes.Length == Length && Crc32.HashToUInt32(bytes.AsSpan()[..^sizeof(uint)])
                == BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan()[^sizeof(uint)..])
                ? new BufferState(At(0), [.. Enum.GetValues<Lane>().Select(lane => new LaneState(
                    lane, At(1 + (2 * (int)lane)), At(2 + (2 * (int)lane)), null, 0, 0, null))])
                : null;

            long At(int index) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan()[(index * Number)..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Notes the numbers of a state that the disk has.</summary>
    public void Write(BufferState state)
    {
        Put(0, state.Epoch);
        foreach (var lane in state.Lanes)
        {
            Put(1 + (2 * (int)lane.Lane), lane.Next);
            Put(2 + (2 * (int)lane.Lane), lane.Mark);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan()[^sizeof(uint)..], Crc32.HashToUInt32(_bytes.AsSpan()[..^sizeof(uint)]));
        try
        {
            if (_handle is not null)
            {
                RandomAccess.Write(_handle, _bytes, 0);
            }
        }
        catch (IOException)
        {
            // As in the constructor.
        }
    }

    public void Dispose() => _handle?.Dispose();

    private void Put(int index, long value) => BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan()[(index * Number)..], value);
}
