using Microsoft.Extensions.Logging;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// The file that the buffer's thread uses, and what happens while its disk has no room or fails. While the file cannot grow, the buffer
/// behaves as a full one: the rows that it drops make room within the file. If nothing can be written at all, and the settings allow it,
/// messages are in memory alone. The disk is tried again every second.
/// </summary>
internal sealed class BufferDisk(
    BufferStorage storage, BufferLimits limits, bool acceptWithoutDisk, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>How often a disk that has failed is tried again.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>What the bound loses first when a transaction finds no room; each further try doubles it.</summary>
    private const long FirstShrink = 64 << 10;

    private BufferFile? _file;
    private Watermarks? _watermarks;
    private Exception? _openError;
    private bool _hasLeftover;
    private bool _isInMemory;
    private long _shrink = FirstShrink;
    private long _triedAt;
    private volatile string? _problem;
    private volatile string? _shortage;

    /// <summary>Why what sensors publish is not on the disk; null if it is.</summary>
    public string? Problem => _problem;

    /// <summary>Why the buffer holds less than its settings allow; null if it does not.</summary>
    public string? Shortage => _shortage;

    /// <summary>Whether something is to be tried again even if no sensor publishes.</summary>
    public bool HasToRetry => _isInMemory || _shortage is not null || (_file is null && _problem is not null);

    /// <summary>Opens the file when the program starts. A full disk does not stop the start.</summary>
    /// <exception cref="IOException">The folder or the file cannot be used; the message names it.</exception>
    public BufferFile? Open()
    {
        try
        {
            return Use();
        }
        catch (Exception e) when (BufferStorage.IsDiskTrouble(e))
        {
            Recover(e, hasAppends: false);
            return _file;
        }
    }

    /// <summary>The file, opened if it is not, with room for a transaction or with a bound that makes it.</summary>
    public BufferFile Use()
    {
        var isDue = HasToRetry && time.GetElapsedTime(_triedAt) >= RetryInterval;
        if (isDue)
        {
            _triedAt = time.GetTimestamp();
            LeaveMemory();
        }

        if (_file is null && _openError is { } before && !isDue)
        {
            throw before; // a damaged file that cannot be copied must not be read again for each message
        }

        if (_file is null)
        {
            _file = OpenFile();
            _watermarks = storage.OpenWatermarks();
            CheckRoom(_file, isOpening: true);
        }
        else if (!_isInMemory && (_shortage is null ? _file.FreePages < BufferFile.ReservePages : isDue))
        {
            CheckRoom(_file, isOpening: false);
        }

        return _file;
    }

    /// <summary>Notes that the disk has a transaction.</summary>
    public void Committed(BufferState state)
    {
        _watermarks?.Write(state);
        _shrink = FirstShrink;
        if (_file?.HasWritten == true && _problem is not null && !_isInMemory)
        {
            _problem = null; // only what was written proves that the disk takes messages
            EdgeLog.DurableAgain(logger, storage.Owner.Name);
        }
    }

    /// <summary>Undoes what a failed transaction has left, and prepares the next one.</summary>
    /// <param name="error">Why the transaction failed.</param>
    /// <param name="hasAppends">Whether it was to add messages, which a smaller bound would leave out.</param>
    /// <returns>Whether the same jobs may succeed now.</returns>
    public bool Recover(Exception error, bool hasAppends)
    {
        try
        {
            if (BufferStorage.IsDamage(error))
            {
                NoteProblem(error);
                Salvage(error.Message);
                return false;
            }

            _file?.Rollback();
            if ((hasAppends && BufferStorage.IsFullDisk(error) && Shrink()) || EnterMemory(error))
            {
                return true;
            }
        }
#pragma warning disable CA1031 // An exception that leaves the buffer's thread ends the process. The next job opens the file again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e;
            Close();
        }

        NoteProblem(error);
        return false;
    }

    public void Dispose()
    {
        LeaveMemory();
        if (_isInMemory && _file!.Messages is > 0 and var lost)
        {
            EdgeLog.LostInMemory(logger, lost);
        }

        Close();
    }

    // The log stays where it is while the disk is full: at the next start there may be no room for a new one.
    private void Close()
    {
        _watermarks?.Dispose();
        if (_shortage is null || _isInMemory)
        {
            _file?.Dispose();
        }
        else
        {
            _file?.Abandon();
        }

        (_file, _watermarks) = (null, null);
    }

    private BufferFile OpenFile()
    {
        try
        {
            var file = storage.Open();
            _openError = null;
            return file;
        }
        catch (Exception e)
        {
            _openError = e;
            throw;
        }
    }

    private void NoteProblem(Exception error)
    {
        if (_problem is null)
        {
            EdgeLog.NotDurable(logger, storage.Owner.Name, error.Message, storage.Owner.WhileNotDurable);
        }

        _problem = storage.Describe(error);
    }

    private void Salvage(string reason)
    {
        _file?.Abandon();
        _file = null;
        _file = storage.Salvage(reason);
    }

    /// <summary>Takes room before a transaction needs it: what is in the log already must have room in the file.</summary>
    private void CheckRoom(BufferFile file, bool isOpening)
    {
        if (_hasLeftover)
        {
            DropReserve(file);
        }

        var growth = file.Growth;
        if (file.FreePages < BufferFile.ReservePages)
        {
            growth = storage.HasRoomFor(growth) ? growth : BufferFile.ReservePages;
            if (storage.HasRoomFor(growth))
            {
                TakeReserve(file, BufferFile.ReservePages + growth);
            }
        }
        else if (isOpening)
        {
            TakeReserve(file, BufferFile.ReservePages); // the file has room, and its log needs some as well
        }

        var spare = file.FreePages - BufferFile.ReservePages;
        if (spare >= BufferFile.ReservePages || (spare >= 0 && (_shortage is null || storage.HasRoomFor(BufferFile.ReservePages))))
        {
            EndShortage();
        }
        else
        {
            BeginShortage(Math.Max(0, spare) * Connections.PageSize / 2);
        }
    }

    private void TakeReserve(BufferFile file, long pages)
    {
        try
        {
            file.TakeReserve(pages);
            storage.TakeBallast();
        }
        catch (Exception e) when (BufferStorage.IsDiskTrouble(e))
        {
            file.Rollback();
            storage.GiveUpBallast(); // so that the log has room for what frees the pages again
            DropReserve(file);
        }
    }

    private void DropReserve(BufferFile file)
    {
        try
        {
            file.DropReserve();
            _hasLeftover = false;
        }
        catch (Exception e) when (BufferStorage.IsDiskTrouble(e))
        {
            file.Rollback();
            _hasLeftover = true; // it is tried again
        }
    }

    /// <param name="room">The bytes that fit into the file besides those that are in it.</param>
    private void BeginShortage(long room)
    {
        limits.DiskBytes = _file!.Bytes + room;
        if (_shortage is null)
        {
            var withoutRoom = storage.Owner.WithoutRoom(limits.WhenFull);
            _shortage = $"The {storage.Owner.Name}'s disk is full: the buffer holds less than its settings allow, and {withoutRoom}";
            EdgeLog.DiskFull(logger, storage.Owner.Name, withoutRoom);
        }
    }

    private void EndShortage()
    {
        limits.DiskBytes = null;
        if (_shortage is not null)
        {
            _shortage = null;
            EdgeLog.DiskHasRoom(logger, storage.Owner.Name);
        }
    }

    /// <summary>Lets the buffer hold less than now; false if there is nothing that it could drop.</summary>
    private bool Shrink()
    {
        if (_isInMemory || _file is not { Messages: > 0 } file || limits.DiskBytes == 0)
        {
            return false;
        }

        storage.GiveUpBallast(); // the log has no room
        BeginShortage(0);
        limits.DiskBytes = Math.Max(0, file.Bytes - _shrink);
        _shrink *= 2;
        return true;
    }

    private bool EnterMemory(Exception error)
    {
        if (!acceptWithoutDisk || _isInMemory || !BufferStorage.IsDiskTrouble(error) || storage.OpenMemory(_file) is not { } memory)
        {
            return false;
        }

        Close();
        limits.DiskBytes = null;
        (_file, _isInMemory) = (memory, true);
        EdgeLog.InMemory(logger, error.Message);
        _problem = "The edge's disk does not take messages: they are in memory, and are lost if the edge stops now";
        return true;
    }

    private void LeaveMemory()
    {
        if (!_isInMemory)
        {
            return;
        }

        try
        {
            var file = storage.ReturnToDisk(_file!);
            _file!.Dispose();
            (_file, _isInMemory, _problem) = (file, false, null);
            _watermarks = storage.OpenWatermarks();
            EdgeLog.DurableAgain(logger, storage.Owner.Name);
        }
#pragma warning disable CA1031 // Whatever the disk says, the messages stay in memory. It is tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (BufferStorage.IsDamage(e))
            {
                storage.PutAside(); // its messages are in memory, and the next try makes a new file
            }
        }
    }
}
