namespace NetworkProtocol.Hub.Commands;

/// <summary>Something that happens at most once in an interval, whoever asks.</summary>
internal sealed class Occasion(TimeSpan interval, TimeProvider time)
{
    private long _last = long.MinValue;

    public bool IsNow()
    {
        var last = Interlocked.Read(ref _last);
        return (last == long.MinValue || time.GetElapsedTime(last) >= interval)
            && Interlocked.CompareExchange(ref _last, time.GetTimestamp(), last) == last;
    }
}
