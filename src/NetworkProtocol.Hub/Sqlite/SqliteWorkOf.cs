namespace NetworkProtocol.Hub.Sqlite;

/// <summary>Work with a result.</summary>
/// <param name="apply">Does it.</param>
/// <param name="weight">How many values it stores.</param>
/// <param name="careful">Does it, and puts aside what alone makes it fail; null if the work has no such way.</param>
/// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
internal sealed class SqliteWorkOf<T>(
    Func<SqliteSession, T> apply, int weight, Func<SqliteSession, T>? careful, CancellationToken cancellationToken) : SqliteWork
{
    // The answers' code must not run on the writer's thread.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isCareful;
    private T? _result;
    private SourceRefusedException? _refusal;

    public override int Weight => weight;

    public override bool IsCancelled => cancellationToken.IsCancellationRequested;

    public Task<T> Done => _done.Task;

    public override bool BecomeCareful() => careful is not null && !_isCareful && (_isCareful = true);

    public override void Apply(SqliteSession session)
    {
        try
        {
            _refusal = null;
            _result = _isCareful ? careful!(session) : apply(session);
        }
        catch (SourceRefusedException e)
        {
            _refusal = e; // it has changed nothing, so the others in the transaction go on
        }
    }

    public override void Complete()
    {
        if (_refusal is { } refusal)
        {
            _done.TrySetException(refusal);
        }
        else
        {
            _done.TrySetResult(_result!);
        }
    }

    public override void Fail(Exception error) => _done.TrySetException(error);
}
