namespace NetworkProtocol.Hub.Postgres;

/// <summary>Work with an answer.</summary>
internal abstract class PostgresWorkOf<T>(string source, string identity, long now, CancellationToken cancellationToken)
    : PostgresWork(source, identity, now, cancellationToken)
    where T : class
{
    // What follows an answer must not run in the writer.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public T? Answer { get; set; }

    public Task<T> Done => _done.Task;

    public override void Complete()
    {
        if (Refusal is { } refusal)
        {
            _done.TrySetException(refusal);
        }
        else
        {
            _done.TrySetResult(Answer!);
        }
    }

    public override void Fail(Exception error) => _done.TrySetException(error);
}
