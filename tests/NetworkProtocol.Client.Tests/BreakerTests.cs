using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace NetworkProtocol.Client.Tests;

/// <summary>The circuit breaker alone, with a clock that the test controls.</summary>
public sealed class BreakerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreaker _breaker;
    private int _calls;

    public BreakerTests() => _breaker = new CircuitBreaker("test", null, _time);

    [Fact]
    public async Task Five_failures_in_a_row_open_it_and_a_success_between_does_not_count()
    {
        await FailAsync(4);
        await SucceedAsync();
        await FailAsync(4);
        Assert.Equal((BreakerState.Closed, 4), (_breaker.State, _breaker.ConsecutiveFailures));
        await FailAsync(1);
        Assert.Equal((BreakerState.Open, 5), (_breaker.State, _breaker.ConsecutiveFailures));
        Assert.Equal("no", _breaker.LastError!.Message);
    }

    [Fact]
    public async Task While_open_calls_fail_at_once_and_say_when_the_next_trial_is()
    {
        await FailAsync(5);
        _time.Advance(TimeSpan.FromSeconds(10));
        var calls = _calls;
        await ExpectOpenAsync();
        var started = Stopwatch.GetTimestamp();
        const int Calls = 1000;
        for (var i = 0; i < Calls; i++)
        {
            Assert.Equal(TimeSpan.FromSeconds(20), (await ExpectOpenAsync()).RetryAfter);
        }

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMilliseconds(Calls), "a call takes more than a millisecond");
        Assert.Equal(calls, _calls);
    }

    [Fact]
    public async Task Exactly_one_trial_goes_out_however_many_callers_wait_and_its_success_closes()
    {
        await FailAsync(5);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((BreakerState.Open, TimeSpan.Zero), (_breaker.State, _breaker.RetryAfter));
        var trial = new TaskCompletionSource();
        var (before, refused) = (_calls, 0);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(async () =>
        {
            try
            {
                await CallAsync(trial.Task);
            }
            catch (ProtocolClientException e) when (e.Kind == ProtocolErrorKind.BreakerOpen && Interlocked.Increment(ref refused) == 99)
            {
                trial.SetResult(); // all others were refused while the trial was under way
            }
            catch (ProtocolClientException e) when (e.Kind == ProtocolErrorKind.BreakerOpen)
            {
            }
        })));
        Assert.Equal(99, refused);
        Assert.Equal(before + 1, _calls);
        Assert.Equal((BreakerState.Closed, 0), (_breaker.State, _breaker.ConsecutiveFailures));
        Assert.Equal(
            [BreakerState.Open, BreakerState.HalfOpen, BreakerState.Closed], _breaker.History.Select(change => change.To));
    }

    [Fact]
    public async Task While_a_trial_is_under_way_callers_are_told_to_wait_a_moment()
    {
        await FailAsync(5);
        _time.Advance(TimeSpan.FromSeconds(30));
        var trial = new TaskCompletionSource();
        var trying = CallAsync(trial.Task);
        Assert.Equal(TimeSpan.Zero, _breaker.RetryAfter);
        Assert.Equal(TimeSpan.FromMilliseconds(100), (await ExpectOpenAsync()).RetryAfter); // not zero: callers must not spin
        trial.SetResult();
        await trying;
    }

    [Fact]
    public async Task A_trial_that_fails_or_is_given_up_opens_it_again_for_the_whole_time()
    {
        await FailAsync(5);
        _time.Advance(TimeSpan.FromSeconds(30));
        await FailAsync(1);
        Assert.Equal((BreakerState.Open, TimeSpan.FromSeconds(30)), (_breaker.State, _breaker.RetryAfter));
        _time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await _breaker.ExecuteAsync<int, int>(
            (_, _) => throw new OperationCanceledException(), 0));
        Assert.Equal((BreakerState.Open, TimeSpan.FromSeconds(30)), (_breaker.State, _breaker.RetryAfter));
    }

    [Fact]
    public async Task An_operator_isolates_and_resets_it()
    {
        await _breaker.IsolateAsync();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null((await ExpectOpenAsync()).RetryAfter);
        Assert.Equal(BreakerState.Isolated, _breaker.State);
        await _breaker.ResetAsync();
        await SucceedAsync();
        await FailAsync(5);
        await _breaker.ResetAsync();
        Assert.Equal((BreakerState.Closed, 0), (_breaker.State, _breaker.ConsecutiveFailures));
        await FailAsync(4);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public async Task A_reset_during_a_trial_leaves_it_as_new()
    {
        await FailAsync(5);
        _time.Advance(TimeSpan.FromSeconds(30));
        var trial = new TaskCompletionSource();
        var trying = CallAsync(trial.Task);
        await _breaker.ResetAsync();
        trial.SetResult();
        await trying;
        await FailAsync(5);
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public async Task A_machines_clock_that_is_set_back_does_not_keep_it_open()
    {
        var time = new SetBack(_time);
        var breaker = new CircuitBreaker("test", null, time);
        for (var i = 0; i < 5; i++)
        {
            await Record.ExceptionAsync(async () => await breaker.ExecuteAsync<int, int>((_, _) => throw new IOException(), 0));
        }

        time.By = TimeSpan.FromHours(1);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await breaker.ExecuteAsync((_, _) => new ValueTask<int>(1), 0));
    }

    private sealed class SetBack(TimeProvider time) : TimeProvider
    {
        public TimeSpan By { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() - By;

        public override long GetTimestamp() => time.GetTimestamp();
    }

    [Fact]
    public async Task An_error_answer_is_an_answer_and_a_cancellation_says_nothing()
    {
        await FailAsync(4);
        await ThrowAsync(new OperationCanceledException());
        Assert.Equal(4, _breaker.ConsecutiveFailures);
        await ThrowAsync(new ProtocolClientException(ProtocolErrorKind.Remote, "Unknown command"));
        Assert.Equal(0, _breaker.ConsecutiveFailures);
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(1001, 30)]
    [InlineData(5, 0.1)]
    public void Options_out_of_range_are_refused(int threshold, double seconds)
    {
        var options = new BreakerOptions { FailureThreshold = threshold, BreakDuration = TimeSpan.FromSeconds(seconds) };
        var error = Assert.Throws<ArgumentException>(() => new CircuitBreaker("test", options));
        Assert.Contains("is out of its range", error.Message, StringComparison.Ordinal);
    }

    private async Task FailAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await ThrowAsync(new ProtocolClientException(ProtocolErrorKind.Timeout, "no"));
        }
    }

    private async Task ThrowAsync(Exception error) => Assert.Same(error, await Record.ExceptionAsync(
        async () => await _breaker.ExecuteAsync<int, int>((_, _) => throw error, 0)));

    private Task SucceedAsync() => CallAsync(Task.CompletedTask);

    private async Task CallAsync(Task until) => await _breaker.ExecuteAsync(
        async (task, _) =>
        {
            Interlocked.Increment(ref _calls);
            await task;
            return 0;
        },
        until);

    private async Task<ProtocolClientException> ExpectOpenAsync()
    {
        var error = await Assert.ThrowsAsync<ProtocolClientException>(SucceedAsync);
        Assert.Equal(ProtocolErrorKind.BreakerOpen, error.Kind);
        return error;
    }
}
