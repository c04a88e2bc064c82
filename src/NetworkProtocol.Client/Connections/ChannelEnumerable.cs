using System.Threading.Channels;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// The items of a channel, for <c>await foreach</c>. <c>MoveNextAsync</c> returns a task, which callers may await twice or never. The
/// iterator of an <c>async</c> method with <c>yield</c> would end the process in that case.
/// </summary>
/// <param name="enter">Called for each enumeration. Returns the channel to read.</param>
/// <param name="leave">Called at the end of an enumeration.</param>
/// <param name="token">Ends all enumerations.</param>
internal sealed class ChannelEnumerable<T>(Func<ChannelReader<T>> enter, Action<ChannelReader<T>> leave, CancellationToken token)
    : IAsyncEnumerable<T>
{
    public ChannelEnumerable(ChannelReader<T> reader, CancellationToken token)
        : this(() => reader, static _ => { }, token)
    {
    }

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Enumerator(enter(), leave, CancellationTokenSource.CreateLinkedTokenSource(token, cancellationToken));

    private sealed class Enumerator(ChannelReader<T> reader, Action<ChannelReader<T>> leave, CancellationTokenSource either)
        : IAsyncEnumerator<T>
    {
        private readonly CancellationToken _either = either.Token;

        public T Current { get; private set; } = default!;

        public async ValueTask<bool> MoveNextAsync()
        {
            while (await reader.WaitToReadAsync(_either).ConfigureAwait(false))
            {
                if (reader.TryRead(out var item))
                {
                    Current = item;
                    return true;
                }
            }

            return false;
        }

        public ValueTask DisposeAsync()
        {
            leave(reader);
            either.Dispose();
            return default;
        }
    }
}
