namespace NetworkProtocol.Edge.Buffer;

/// <summary>A job that calls a function with the file, and returns its result once the disk has what it wrote.</summary>
internal sealed class BufferJob<T>(Func<BufferFile, T> function, long bytes) : IBufferJob
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Completion => _completion.Task;

    public long Bytes => bytes;

    public bool TryRun(BufferFile file)
    {
        _result = function(file);
        return true;
    }

    public void Complete() => _completion.TrySetResult(_result);

    public void Fail(Exception error) => _completion.TrySetException(error);
}
