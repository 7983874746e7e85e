//! The list of behaviours, and how one is run.

use crate::runtime::block_on;
use crate::world::{Fresh, World};
use reprieve_core::driver::Runtime;
use std::sync::Arc;

/// Runs one behaviour on a fresh database with the tables of the suite.
pub fn run(fresh: fn(Arc<dyn Runtime>) -> Fresh, behaviour: impl AsyncFnOnce(World)) {
    block_on(async { behaviour(World::new(fresh).await).await });
}

/// Makes a test of each behaviour: `conformance!(file, crate::fresh_file);` is the module `file` of tests on the
/// databases that `fresh_file` makes.
#[macro_export]
macro_rules! conformance {
    ($database:ident, $fresh:path) => {
        mod $database {
            $crate::conformance! { @tests $fresh;
                ancestors {
                    restoring_alone_under_a_parent_taken_by_a_cascade_is_refused
                    with_ancestors_the_parents_come_back_too
                    a_row_deleted_before_the_cascade_is_refused_too
                    a_parent_by_set_null_or_restrict_stands_in_the_way_too
                    a_parent_and_its_child_can_be_restored_by_one_call
                    ancestors_of_a_row_that_is_its_own_parent_come_back_once
                    a_row_far_below_comes_back_with_all_its_ancestors
                }
                audit {
                    every_operation_is_written_once_for_each_row
                    a_row_of_the_log_says_who_what_and_when
                    no_verb_writes_to_the_log
                    the_log_shares_the_fate_of_the_change
                    verbs_that_change_nothing_are_not_in_the_log
                }
                bulk {
                    a_condition_deletes_the_live_rows_that_fulfil_it
                    a_condition_claims_no_row_that_a_cascade_took
                    a_condition_restores_the_deleted_rows_that_fulfil_it
                }
                cancel {
                    a_cancelled_verb_rolls_its_transaction_back
                    a_cancelled_begin_or_commit_frees_the_turn
                    a_cancelled_read_outside_a_transaction_costs_nothing
                }
                cascade {
                    a_cascade_takes_children_and_their_children
                    a_delete_without_cascade_leaves_children_as_they_are
                    a_cascade_follows_a_relation_of_a_table_to_itself
                    a_cascade_ends_in_a_cycle
                    a_row_that_a_cascade_reaches_twice_is_taken_once
                    a_row_deleted_before_keeps_its_deletion
                }
                chosen {
                    an_update_changes_the_rows_that_the_query_finds
                    a_verb_is_about_the_page_of_the_query
                    a_verb_without_a_condition_is_refused_unless_all_rows_are_meant
                    the_live_rows_that_a_query_finds_are_deleted_as_one
                    the_deleted_rows_that_fulfil_the_query_are_restored
                    a_query_that_finds_a_row_and_its_parent_restores_both
                    the_rows_that_a_query_finds_are_removed
                    an_update_of_a_query_checks_what_it_writes
                    an_update_of_a_query_is_in_the_log
                    verbs_of_a_query_take_the_same_statements_for_any_number_of_rows
                    a_fault_in_a_verb_of_a_query_leaves_nothing
                }
                claim {
                    a_row_that_a_cascade_took_is_claimed_by_a_direct_delete
                    undoing_the_claim_first_gives_the_row_back_to_the_cascade
                    a_claimed_row_is_not_claimed_again
                    a_root_of_the_cascade_is_not_claimed
                    children_of_a_claimed_row_follow_a_claim_that_cascades
                }
                concurrency {
                    a_row_deleted_from_several_threads_is_deleted_once
                    a_child_added_beside_a_cascade_is_refused
                    a_child_added_before_a_cascade_is_taken
                    a_deletion_undone_from_several_threads_is_undone_once
                }
                deletion {
                    a_deletion_has_a_receipt_a_marker_and_a_journal_row
                    the_id_is_a_uuid_of_version_seven
                    a_second_delete_changes_nothing_and_says_so
                    deleting_a_row_that_is_not_there_changes_nothing
                    rows_deleted_by_one_call_are_one_deletion
                    a_soft_delete_writes_other_changed_columns_too
                    a_row_with_a_uuid_key_is_deleted_and_restored
                }
                errors {
                    a_value_that_does_not_fit_is_refused
                    the_markers_cannot_be_written_by_an_update
                    changing_a_row_that_is_not_there_is_not_found
                    taken_keys_and_missing_parents_are_told_apart
                    a_missing_table_is_named
                }
                faults {
                    a_fault_in_a_creation_leaves_nothing
                    a_fault_in_a_plain_creation_leaves_nothing
                    a_fault_in_an_update_leaves_nothing
                    a_fault_in_a_cascade_leaves_nothing
                    a_fault_in_an_undo_leaves_nothing
                    a_fault_in_a_restore_leaves_nothing
                    a_fault_in_a_removal_leaves_nothing
                }
                guard {
                    inserting_under_a_parent_taken_by_a_cascade_is_refused
                    moving_a_row_under_a_parent_taken_by_a_cascade_is_refused
                    a_parent_deleted_alone_takes_new_children
                    a_restored_parent_takes_new_children
                }
                hand_over {
                    a_row_whose_parent_another_cascade_holds_is_handed_over
                    a_parent_deleted_alone_takes_nothing_over
                    restore_with_cascade_hands_over_too
                    a_row_handed_over_by_restrict_or_set_null_comes_back
                    a_cleared_reference_to_a_row_handed_over_waits_for_it
                    three_deletions_are_undone_in_any_order
                    a_reference_cleared_by_two_deletions_comes_back_as_it_was_last
                    live_children_of_a_row_handed_over_are_taken_along
                    a_row_below_a_child_that_is_taken_along_is_handed_over_too
                }
                insert_many {
                    rows_come_back_in_the_order_in_which_they_were_given
                    rows_of_different_columns_are_added_together
                    adding_no_rows_is_nothing
                    one_row_that_does_not_fit_refuses_all
                    a_taken_key_among_many_rows_is_named
                    no_row_of_many_is_added_under_a_parent_taken_by_a_cascade
                    each_of_many_rows_added_is_in_the_log
                    many_rows_are_added_by_the_same_number_of_statements
                    any_number_of_rows_can_be_added
                    a_fault_while_many_rows_are_added_leaves_nothing
                }
                on_delete {
                    a_live_child_that_restricts_is_listed_and_nothing_changes
                    a_deleted_child_restricts_nothing
                    set_null_is_recorded_and_put_back
                    without_a_cascade_references_stay
                    a_reference_that_was_changed_since_is_not_put_back
                    set_default_is_recorded_and_put_back
                    children_without_soft_delete_are_left_alone
                    a_table_without_soft_delete_refuses_it
                }
                races {
                    a_child_is_added_while_its_parent_is_deleted
                    a_child_is_added_while_its_grandparent_is_deleted
                    a_row_is_moved_while_its_new_parent_is_deleted
                    a_row_is_changed_while_it_is_deleted
                    one_tree_is_deleted_from_its_root_and_from_a_branch
                    a_row_is_restored_while_another_takes_its_key
                    a_deletion_is_undone_while_the_parent_is_deleted
                    a_row_that_two_delete_is_in_the_log_once
                }
                reads {
                    every_reference_to_a_table_sees_the_rows_it_asks_for
                    a_read_outside_a_transaction_sees_the_latest_commit
                    reads_go_on_beside_an_open_writer
                    an_error_of_the_sink_is_the_result_of_the_read
                }
                relation {
                    what_belongs_to_keys_comes_with_its_key_and_is_live
                }
                read_on {
                    parts_of_any_size_lead_through_all_rows_once
                    what_changes_behind_a_part_moves_nothing
                    nothing_is_held_between_parts
                    a_cursor_leads_to_the_next_page_in_any_session
                    a_cursor_of_another_list_is_refused
                    a_reference_to_a_uuid_is_an_order_to_read_on_in
                }
                remove {
                    removing_says_whether_the_row_was_there
                    removing_takes_children_as_on_delete_declares
                    a_child_that_restricts_forbids_removal
                    removing_a_deleted_row_leaves_the_rest_of_its_deletion
                }
                restore {
                    a_restored_row_is_as_it_was
                    restoring_a_live_row_changes_nothing
                    restore_brings_the_row_back_alone
                    restore_with_cascade_restores_the_whole_deletion
                    restore_with_cascade_of_several_rows_restores_each_of_their_deletions
                    a_deletion_of_several_rows_is_closed_by_the_last_restore
                }
                seen {
                    what_saw_a_live_row_does_not_change_a_deleted_one
                    what_saw_a_deleted_row_changes_it_in_the_trash_only
                    a_write_to_a_row_that_is_gone_is_not_found
                    a_row_that_another_session_deleted_is_not_changed
                    what_saw_a_deleted_row_removes_it_from_the_trash_only
                }
                session {
                    work_is_seen_by_others_once_it_is_committed
                    a_rollback_undoes_everything_since_the_last_commit
                    a_session_that_is_dropped_rolls_back
                    a_closed_session_refuses_every_verb
                    a_savepoint_undoes_its_own_part_only
                    savepoints_nest
                    a_savepoint_of_a_committed_transaction_is_refused
                    a_failed_verb_leaves_the_transaction_usable
                    a_failed_first_write_leaves_no_transaction
                    a_commit_that_fails_has_rolled_back
                    a_transaction_that_is_begun_reads_what_nobody_else_can_change
                    a_transaction_is_begun_once
                    a_begin_that_fails_changes_nothing
                    a_savepoint_that_fails_leaves_no_transaction
                }
                tables {
                    creating_tables_twice_changes_nothing
                    two_threads_create_the_tables_at_once
                    a_failed_creation_creates_nothing
                    dropped_tables_come_back_empty
                    the_log_can_be_created_by_name
                    a_closed_database_refuses_sessions
                }
                undo {
                    an_undone_cascade_leaves_everything_as_it_was
                    undo_restores_what_the_deletion_still_holds
                    a_second_undo_changes_nothing
                    an_unknown_deletion_is_not_found
                }
                unique {
                    a_key_is_free_once_its_row_is_deleted
                    restoring_onto_taken_keys_lists_every_conflict
                    an_undone_cascade_checks_the_keys_of_children
                    rows_without_a_key_do_not_conflict
                    two_deleted_rows_with_one_key_are_not_restored_together
                }
                update_many {
                    each_row_takes_its_own_values
                    rows_of_different_columns_are_changed_together
                    keys_without_a_live_row_are_passed_over
                    a_key_that_is_named_twice_takes_what_is_said_last
                    one_change_that_does_not_fit_refuses_all
                    a_key_taken_by_one_of_many_changes_is_named
                    no_row_of_many_is_moved_under_a_parent_taken_by_a_cascade
                    each_of_many_changes_is_in_the_log
                    a_filled_column_that_some_rows_give_is_filled_in_the_others
                    many_changes_are_written_by_the_same_statements
                    any_number_of_rows_can_be_changed
                    a_fault_while_many_rows_are_changed_leaves_nothing
                }
                upsert {
                    a_row_that_is_there_is_found_and_nothing_is_written
                    a_row_that_is_not_there_is_created_once
                    a_row_that_is_there_is_changed
                    a_row_created_or_changed_is_in_the_log
                    null_is_a_value_to_look_for
                    several_rows_are_not_changed_for_one
                    a_key_that_another_row_holds_is_a_unique_violation
                    a_failed_upsert_leaves_nothing
                    a_fault_in_an_upsert_leaves_nothing
                    a_found_row_keeps_nobody_waiting
                    a_new_row_is_made_beside_a_deleted_one
                    a_key_is_not_given_away_twice
                    a_deleted_row_is_revived
                    the_row_deleted_last_is_revived
                    a_revival_that_cannot_be_is_refused
                    a_deleted_row_is_rejected
                    several_threads_create_one_row
                    several_threads_create_one_row_without_a_unique_key
                    several_threads_revive_one_row
                }
                volume {
                    a_cascade_and_its_undo_take_the_same_statements_for_any_number_of_rows
                }
            }
        }
    };
    (@tests $fresh:path; $($part:ident { $($name:ident)* })*) => {
        $(mod $part {
            $(#[test]
            fn $name() {
                $crate::run($fresh, $crate::behaviours::$part::$name);
            })*
        })*
    };
}
