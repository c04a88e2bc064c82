using Microsoft.Data.Sqlite;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>A job that calls a function with the file, and returns its result once the disk has what it wrote.</summary>
internal sealed class BufferJob<T>(Func<BufferFile, T> function, long bytes) : IBufferJob
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private Exception? _error;

    public Task<T> Completion => _completion.Task;

    public long Bytes => bytes;

    public bool TryRun(BufferFile file)
    {
        try
        {
            (_error, _result) = (null, function(file));
        }
        catch (Exception e) when (e is not SqliteException && !BufferStorage.IsDamage(e))
        {
            _error = e; // it is this job's alone: the others of its group have nothing to do with it
        }

        return true;
    }

    public void Complete()
    {
        if (_error is not null)
        {
            _completion.TrySetException(_error);
        }
        else
        {
            _completion.TrySetResult(_result);
        }
    }

    public void Fail(Exception error) => _completion.TrySetException(error);
}
