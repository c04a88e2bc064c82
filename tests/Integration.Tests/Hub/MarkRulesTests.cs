using CsCheck;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Marks;

namespace Integration.Tests.Hub;

/// <summary>The rules by which each message is stored once.</summary>
public sealed class MarkRulesTests
{
    private static readonly LaneState Known = new(Epoch: 5, Mark: 10, Checksum: 77);

    [Theory]
    [InlineData(5, 11, 77u, HelloStatus.Agreed, 5, 10)]
    [InlineData(5, 11, null, HelloStatus.Agreed, 5, 10)]
    [InlineData(5, 11, 78u, HelloStatus.Fork, 5, 10)]
    [InlineData(5, 20, 78u, HelloStatus.Agreed, 5, 10)]
    [InlineData(5, 3, 78u, HelloStatus.Agreed, 5, 10)]
    [InlineData(4, 11, 77u, HelloStatus.OldEpoch, 5, 10)]
    [InlineData(6, 3, 9u, HelloStatus.Agreed, 6, 2)]
    public void A_greeting_is_compared_with_the_mark(long epoch, long next, uint? checksum, HelloStatus status, long epochAfter, long mark)
    {
        var decision = MarkRules.Greet(Known, new Hello("edge", Lane.Bulk, epoch, next, checksum));
        Assert.Equal((status, epochAfter, mark), (decision.Status, decision.Lane.Epoch, decision.Lane.Mark));
    }

    [Fact]
    public void A_lane_that_nobody_knows_begins_where_the_edge_is()
    {
        var decision = MarkRules.Greet(null, new Hello("edge", Lane.Alarm, 3, 8, 42));
        Assert.Equal(new HelloDecision(HelloStatus.Agreed, new LaneState(3, 7, 42)), decision);
    }

    [Theory]
    [InlineData(6, 11, AppendStatus.HelloFirst)]
    [InlineData(4, 11, AppendStatus.OldEpoch)]
    [InlineData(5, 12, AppendStatus.Gap)]
    [InlineData(5, 11, AppendStatus.Stored)]
    [InlineData(5, 8, AppendStatus.Stored)]
    public void A_batch_is_taken_if_it_follows_the_mark(long epoch, long first, AppendStatus status) =>
        Assert.Equal(status, MarkRules.Append(Known with { Checksum = null }, Batches.Of(epoch, first, 5)).Status);

    [Fact]
    public void A_loss_that_the_mark_covers_in_part_counts_in_part()
    {
        var batch = new Batch("edge", Lane.Bulk, 5, 8, [], [new Loss(8, 5, LossReason.Full)]);
        var decision = MarkRules.Append(Known, batch);
        Assert.Equal([new Loss(11, 2, LossReason.Full)], decision.Losses);
        Assert.Equal(new LaneState(5, 12, null), decision.Lane); // the range ends with a loss, so the message there is not known
    }

    /// <summary>
    /// Batches that are lost, repeated and reordered: the hub has each number once and in order, like the sequence itself.
    /// </summary>
    [Fact]
    public void Whatever_happens_on_the_way_each_number_is_stored_once_and_in_order()
    {
        var isLoss = Gen.Frequency((4, Gen.Const(false)), (1, Gen.Const(true)));
        var sends = Gen.Select(Gen.Int[0, 60], Gen.Int[1, 12]).Array[1, 60];
        Gen.Select(isLoss.Array[60], sends).Sample((losses, all) =>
        {
            LaneState? lane = new LaneState(1, 0, null);
            var stored = new List<long>();
            var lost = new List<long>();
            foreach (var (start, length) in all.Append((0, 60))) // the last one brings all that is missing
            {
                var batch = Batches.Of(1, start + 1, Math.Min(length, 60 - start), number => losses[number - 1]);
                var before = lane.Value.Mark;
                var decision = MarkRules.Append(lane, batch);
                Assert.Equal(start > before, decision.Status == AppendStatus.Gap);
                Assert.Equal(decision.Mark, decision.Lane!.Value.Mark);
                if (decision.Status == AppendStatus.Stored)
                {
                    stored.AddRange(batch.Messages.Skip(decision.Duplicates).Select(message => message.Sequence));
                    lost.AddRange(decision.Losses.SelectMany(loss => Enumerable.Range(0, (int)loss.Count).Select(i => loss.First + i)));
                }

                Assert.True(decision.Mark >= before);
                lane = decision.Lane;
            }

            Assert.Equal(Enumerable.Range(1, 60).Select(number => (long)number).Where(number => !losses[number - 1]), stored);
            Assert.Equal(Enumerable.Range(1, 60).Select(number => (long)number).Where(number => losses[number - 1]), lost);
        });
    }

    /// <summary>
    /// Two edges that run on copies of one disk: the hub never takes the message of one for that of the other where it can compare them,
    /// and the greeting that follows shows the fork.
    /// </summary>
    [Fact]
    public void Two_copies_of_one_disk_are_found_while_they_send()
    {
        var sends = Gen.Select(Gen.Bool, Gen.Int[0, 12], Gen.Int[1, 12]).Array[1, 40];
        Gen.Select(Gen.Int[1, 10], sends).Sample((shared, all) =>
        {
            var lane = MarkRules.Append(new LaneState(1, 0, null), Copy(false, 1, shared)).Lane!.Value;
            var isOfSecond = false; // whether the message at the mark is the second edge's own
            foreach (var (isSecond, back, count) in all)
            {
                var (mark, batch) = (lane.Mark, Copy(isSecond, Math.Max(1, lane.Mark + 1 - back), count));
                var decision = MarkRules.Append(lane, batch);
                var isAnother = mark > shared && isSecond != isOfSecond;
                if (isAnother && batch.First <= mark && batch.Last >= mark)
                {
                    Assert.Equal((AppendStatus.HelloFirst, mark, lane), (decision.Status, decision.Mark, decision.Lane));
                    var proof = MarkRules.Append(new LaneState(1, mark - 1, null), Copy(isSecond, mark, 1)).Lane!.Value.Checksum;
                    Assert.Equal(
                        HelloStatus.Fork, MarkRules.Greet(lane, new Hello("edge", Lane.Bulk, 1, mark + 1, proof)).Status);
                }
                else
                {
                    Assert.Equal(AppendStatus.Stored, decision.Status);
                    lane = decision.Lane!.Value;
                    isOfSecond = lane.Mark > mark ? isSecond : isOfSecond;
                }
            }

            Batch Copy(bool isSecond, long first, int count) => new(
                "edge",
                Lane.Bulk,
                1,
                first,
                [.. Enumerable.Range(0, count).Select(i => first + i).Select(
                    number => Batches.Message(number, isSecond && number > shared ? "second" : "first"))],
                []);
        });
    }
}
